/// The port to the store of one tenant: keys, bytes and revisions, no Kubernetes objects.
///
/// `storage.etcd` is the only package that knows jetcd; `storage.memory` is the fake that passes the same contract.
@NullMarked
package io.insula.tenantapi.storage;

import org.jspecify.annotations.NullMarked;
