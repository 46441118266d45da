/// What tests with random input share: [io.insula.tenantapi.fuzz.Fuzz] runs them so that a failure can be had again.
@NullMarked
package io.insula.tenantapi.fuzz;

import org.jspecify.annotations.NullMarked;
