/// In-process access to the API server for its own controllers: the same pipeline below HTTP, no sockets.
@NullMarked
package io.insula.tenantapi.client;

import org.jspecify.annotations.NullMarked;
