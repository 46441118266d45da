/// Tests.
@NullMarked
package io.insula.tenantapi.scheduler;

import org.jspecify.annotations.NullMarked;
