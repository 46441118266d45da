/// Tests.
@NullMarked
package io.insula.tenantapi.controllers.garbage;

import org.jspecify.annotations.NullMarked;
