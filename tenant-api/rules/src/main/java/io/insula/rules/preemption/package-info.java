/// Who makes room for a pod of higher priority, chosen in one way for everybody who has pods to place: the host's
/// scheduler, and the syncer for what only a tenant knows.
///
/// [Victims] chooses, [Room] is what it finds. Both are pure and know neither trees nor typed models: how a pod is
/// read, and whether one fits, is told by those who ask.
@NullMarked
package io.insula.rules.preemption;

import org.jspecify.annotations.NullMarked;
