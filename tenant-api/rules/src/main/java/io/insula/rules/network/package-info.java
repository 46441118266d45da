/// IP addresses and blocks of them, read in one way by everybody, so that what guards a border and what
/// crosses it never take a text for two addresses. Pure and immutable.
///
/// Start with [IpAddress] and [AddressBlock]; [ReservedBlocks] are those where no tenant may be led. Nothing here ever
/// asks a name server.
@NullMarked
package io.insula.rules.network;

import org.jspecify.annotations.NullMarked;
