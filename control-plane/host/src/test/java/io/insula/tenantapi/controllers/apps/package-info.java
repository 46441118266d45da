/// Tests.
@NullMarked
package io.insula.tenantapi.controllers.apps;

import org.jspecify.annotations.NullMarked;
