/// Tests of the package of this name.
@NullMarked
package io.insula.tenantapi.pipeline;

import org.jspecify.annotations.NullMarked;
