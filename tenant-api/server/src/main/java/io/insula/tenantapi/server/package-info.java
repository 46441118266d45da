/// The API server of one tenant as one object: [TenantApiServer] is made from a [ServerConfig] (what is this tenant's
/// own) and [ServerComponents] (what all servers of a JVM share: kinds, plugins, schemas, codecs, timers).
///
/// A server that nobody asks anything holds no thread, no cache and no watch, but one on its own
/// CustomResourceDefinitions.
@NullMarked
package io.insula.tenantapi.server;

import org.jspecify.annotations.NullMarked;
