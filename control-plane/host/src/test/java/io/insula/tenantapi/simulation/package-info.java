/// Tests.
@NullMarked
package io.insula.tenantapi.simulation;

import org.jspecify.annotations.NullMarked;
