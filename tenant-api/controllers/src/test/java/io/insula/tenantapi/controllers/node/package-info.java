/// Tests.
@NullMarked
package io.insula.tenantapi.controllers.node;

import org.jspecify.annotations.NullMarked;
