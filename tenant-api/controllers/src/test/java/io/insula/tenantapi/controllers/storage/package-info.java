/// Tests.
@NullMarked
package io.insula.tenantapi.controllers.storage;

import org.jspecify.annotations.NullMarked;
