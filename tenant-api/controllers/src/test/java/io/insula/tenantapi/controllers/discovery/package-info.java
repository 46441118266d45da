/// Tests.
@NullMarked
package io.insula.tenantapi.controllers.discovery;

import org.jspecify.annotations.NullMarked;
