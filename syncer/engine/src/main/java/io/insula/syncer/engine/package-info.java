/// Keeps what tenants ask for and what the host runs the same, for all tenants in one process.
///
/// Start with [io.insula.syncer.engine.SyncEngine] (attach and detach tenants) and
/// [io.insula.syncer.engine.Syncer] (one kind: a pure decision). A change seen on either side becomes a
/// [io.insula.syncer.engine.SyncKey] in a fair queue over tenants; a worker shows the syncer both sides as a
/// [io.insula.syncer.engine.SyncEvent] and carries out the [io.insula.syncer.engine.Change]s it answers. A periodic
/// scan asks the same question for every object and counts what differs.
///
/// Threads: informers' own (they only enqueue), virtual-thread workers, one timer. A key is never worked on twice at
/// a time. Nothing here knows a kind; `io.insula.syncer.kinds` does.
///
/// A host object is deleted only when its tenant object is proven gone: see `DeleteGuard`.
@NullMarked
package io.insula.syncer.engine;

import org.jspecify.annotations.NullMarked;
