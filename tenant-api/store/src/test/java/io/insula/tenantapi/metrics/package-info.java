/// Tests of the package of this name.
@NullMarked
package io.insula.tenantapi.metrics;

import org.jspecify.annotations.NullMarked;
