/// Whole servers over real storage and sockets.
@NullMarked
package io.insula.tenantapi.server;

import org.jspecify.annotations.NullMarked;
