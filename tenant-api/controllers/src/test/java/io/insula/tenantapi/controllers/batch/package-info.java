/// Tests.
@NullMarked
package io.insula.tenantapi.controllers.batch;

import org.jspecify.annotations.NullMarked;
