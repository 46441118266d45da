/// API servers in this JVM: the port `Clusters` with `tenant-api`'s server and controllers behind it, and the
/// join to the syncer. [InProcessClusters] shares one set of threads between all servers; nothing else is
/// shared between two tenants.
@NullMarked
package io.insula.controlplane.cluster;

import org.jspecify.annotations.NullMarked;
