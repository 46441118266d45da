/// The host's scheduler: finds a node for each pod that has none and binds it there.
///
/// - [io.insula.host.scheduler.Scheduler] is the entry point: a controller for the host's manager.
/// - `ClusterImage` is what is placed where, kept by events and by our own bindings before their events arrive.
/// - `Filters` and `Scores` are pure: a pod, a node, what runs there; a reason why not, or points.
///
/// Left out: preemption, topology spread constraints, volume binding, extenders.
@NullMarked
package io.insula.host.scheduler;

import org.jspecify.annotations.NullMarked;
