/// Tests of the package of this name.
@NullMarked
package io.insula.tenantapi.audit;

import org.jspecify.annotations.NullMarked;
