/// One reconcile loop, for every controller, the syncer, the control plane and the nodes.
///
/// A [ReconcileLoop] holds names, not events: each waiting name is handed to a reconcile function, by at most so many
/// workers at once and never twice at the same time; a name added meanwhile is worked on once more. The answer is an
/// [Outcome]; an exception means "again, after a pause that doubles" ([Backoff]). Which name is next is an [Order]:
/// first come, or fair over lanes ([FairOrder]). What it does is counted through a [LoopMeter].
///
/// Not here: where events come from, and what a name means.
@NullMarked
package io.insula.reconcile;

import org.jspecify.annotations.NullMarked;
