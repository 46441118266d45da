/// Port 53 of pods: [DnsServer] answers each asker with the names of its own cluster only, which [ClusterNames] knows,
/// and asks the machine's resolvers for all others.
///
/// It knows nothing of Kubernetes' objects: who asks and which names there are is told to it.
@NullMarked
package io.insula.node.network.dns;

import org.jspecify.annotations.NullMarked;
