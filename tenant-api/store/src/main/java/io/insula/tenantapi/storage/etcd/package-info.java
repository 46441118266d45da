/// The store on a real etcd: [EtcdStorage], told by [EtcdConfig] where it is and who we are.
///
/// The only package that knows jetcd. Of jetcd it uses the generated gRPC stubs, on a channel of its own:
/// jetcd's client holds a thread per watch client and sets no deadlines. Channels share gRPC's event loops
/// and executor, so that one JVM can hold hundreds of stores; an idle store closes its connection.
/// [EtcdCompactor] keeps history bounded.
@NullMarked
package io.insula.tenantapi.storage.etcd;

import org.jspecify.annotations.NullMarked;
