/// Tests.
@NullMarked
package io.insula.tenantapi.controllers.rbac;

import org.jspecify.annotations.NullMarked;
