/// The store as a fake that keeps everything in memory and passes the same contract as the real one.
///
/// [InMemoryStorage] is for tests, of this module and of those that run a tenant API server in process. It keeps no
/// thread; listeners are called on virtual threads. It is not durable.
@NullMarked
package io.insula.tenantapi.storage.memory;

import org.jspecify.annotations.NullMarked;
