@NullMarked
package io.insula.tenantapi.controllers.network;

import org.jspecify.annotations.NullMarked;
