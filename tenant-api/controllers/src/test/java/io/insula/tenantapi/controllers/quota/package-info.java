/// Tests.
@NullMarked
package io.insula.tenantapi.controllers.quota;

import org.jspecify.annotations.NullMarked;
