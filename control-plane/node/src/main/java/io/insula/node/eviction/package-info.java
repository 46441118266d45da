/// Which pods give way when a node runs short of memory, disk or processes, in the kubelet's order: [Ranking], by
/// [Thresholds] over what [Observed] says. Pure: nothing here looks at a machine or ends a pod.
@NullMarked
package io.insula.node.eviction;

import org.jspecify.annotations.NullMarked;
