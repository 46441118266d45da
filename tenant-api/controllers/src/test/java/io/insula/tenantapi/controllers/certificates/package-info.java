/// Tests.
@NullMarked
package io.insula.tenantapi.controllers.certificates;

import org.jspecify.annotations.NullMarked;
