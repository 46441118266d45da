/// What one instance keeps of its store in memory: recent events for watches that share one, and whole
/// collections while they are read often. First class to read:
/// [io.insula.tenantapi.storage.cache.CachedStorage].
///
/// Two kinds of reads may be answered from here. The latest state is linearizable as in the store: a caller
/// learns the store's revision by a read that began after it asked, shared with others who asked meanwhile,
/// and waits until the one watch of the store has shown it. Reads for decisions (admission) are as fresh as
/// the last write that this instance has acknowledged, and cost the store nothing. Whatever cannot be
/// answered in time is read from the store.
///
/// Does not do: exact reads of older revisions, continued lists, writes ahead of the store.
@org.jspecify.annotations.NullMarked
package io.insula.tenantapi.storage.cache;
