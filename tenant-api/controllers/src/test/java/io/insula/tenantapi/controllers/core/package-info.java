/// Tests of the namespace controllers.
@NullMarked
package io.insula.tenantapi.controllers.core;

import org.jspecify.annotations.NullMarked;
