/// What becomes of nodes and of the pods on them: taints that follow conditions, eviction by taints, silence
/// of kubelets, pods that nobody will ever end.
///
/// [NodeTaints], [TaintEviction] and [PodGarbageCollector] run for every tenant; [NodeHealth] only where
/// kubelets themselves report (a host): a tenant's nodes are shown to it by the syncer, and the host judges
/// them.
@NullMarked
package io.insula.tenantapi.controllers.node;

import org.jspecify.annotations.NullMarked;
