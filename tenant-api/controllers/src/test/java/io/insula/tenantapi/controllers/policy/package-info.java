/// Tests.
@NullMarked
package io.insula.tenantapi.controllers.policy;

import org.jspecify.annotations.NullMarked;
