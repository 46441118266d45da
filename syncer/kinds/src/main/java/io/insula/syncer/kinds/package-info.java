/// The kinds that are synced, one class each: what of a tenant's object goes to the host, and what comes back.
///
/// [io.insula.syncer.kinds.Syncers] hands them out for [io.insula.syncer.engine.SyncEngine]. Every syncer is a pure
/// function from both sides of an object to changes; none holds state, a client or a thread.
///
/// Not done here: admission in the tenant (the same [io.insula.isolation.Profiles] answers there), volumes' claims.
@NullMarked
package io.insula.syncer.kinds;

import org.jspecify.annotations.NullMarked;
