/// Tests.
@NullMarked
package io.insula.tenantapi.controllers.autoscaling;

import org.jspecify.annotations.NullMarked;
