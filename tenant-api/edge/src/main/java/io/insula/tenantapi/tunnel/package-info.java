/// Bytes both ways, after a connection has been upgraded: [Tunnel] is one end, [Dial] makes the one towards a server
/// behind, [Tunnels] joins two. Reads and writes block, so that who is slow slows down the other side: on virtual
/// threads.
@NullMarked
package io.insula.tenantapi.tunnel;

import org.jspecify.annotations.NullMarked;
