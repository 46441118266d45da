/// Many watchers, one watch of the store: [SharedWatchStorage] wraps a store and shares one watch per prefix.
///
/// Nothing is read ahead and nothing is kept for nobody: a shared watch begins with its first watcher and ends some
/// time
/// after its last. Watchers hold no thread; one that does not keep up is ended, so that its client lists again. Objects
/// are not cached here: reads go to the store.
@NullMarked
package io.insula.tenantapi.storage.cache;

import org.jspecify.annotations.NullMarked;
