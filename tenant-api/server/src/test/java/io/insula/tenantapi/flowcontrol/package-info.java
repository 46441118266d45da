/// Tests of the package of this name.
@NullMarked
package io.insula.tenantapi.flowcontrol;

import org.jspecify.annotations.NullMarked;
