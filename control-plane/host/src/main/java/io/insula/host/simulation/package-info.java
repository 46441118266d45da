/// Nodes that exist only as API objects, for a host without machines: they register, renew their leases, and take the
/// pods bound to them through the life a kubelet would give them. As KWOK does, nothing is really run.
///
/// - [io.insula.host.simulation.SimulatedNodes] is the entry point: pools in, controllers for the host's manager
/// out.
/// - [io.insula.host.simulation.NodePool] is what a pool is declared as.
/// - `PodLife` is the pure part: from a pod as it is to its next status.
///
/// A container ends only where its pod says so: annotation `insula.io/simulate-exit: "<code>"`.
@NullMarked
package io.insula.host.simulation;

import org.jspecify.annotations.NullMarked;
