package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.storage.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/// Starts watches. Source: kubernetes/apiserver, `cacher.go` (Watch) and `handlers/get.go`.
final class Watching {

    private static final int BOOKMARK_SECONDS = 60;
    private static final int MIN_TIMEOUT_SECONDS = 1800;

    private final Engine engine;
    private final StoredObjects objects;
    private final Listing listing;

    Watching(Engine engine, StoredObjects objects, Listing listing) {
        this.engine = engine;
        this.objects = objects;
        this.listing = listing;
    }

    /// Everything that can be refused is refused before this returns; the initial events have been sent by then.
    ObjectWatch start(Target target, ListOptions options, WatchSink sink) {
        options.validateWatch();
        StoredKind kind = target.stored();
        var selection = Selection.of(kind, options.labelSelector(), options.fieldSelector(), target.name());
        String prefix = StoredObjects.prefix(kind, target.namespace());
        long asked = options.revision();
        boolean wantsInitial = options.sendInitialEvents().orElse(asked == 0);
        if (!wantsInitial) {
            long from = asked == 0 ? StoredObjects.guard(engine.storage()::currentRevision) : reached(asked);
            return run(new ObjectWatch(kind, prefix, selection, objects, sink, from), options);
        }
        var all = ListOptions.selecting(options.labelSelector(), options.fieldSelector());
        ObjectPage state = listing.list(target, all);
        long revision = Long.parseLong(state.resourceVersion());
        requireReached(asked, revision);
        var watch = new ObjectWatch(kind, prefix, selection, objects, sink, revision);
        for (ObjectNode object : state.items()) {
            if (!watch.initial(object)) {
                return watch;
            }
        }
        if (options.sendInitialEvents().isPresent() && options.allowWatchBookmarks()) {
            watch.bookmarkInitialEnd();
        }
        return run(watch, options);
    }

    private ObjectWatch run(ObjectWatch watch, ListOptions options) {
        var timers = new ArrayList<Future<?>>();
        long seconds = options.timeoutSeconds() > 0
                ? options.timeoutSeconds()
                : ThreadLocalRandom.current().nextLong(MIN_TIMEOUT_SECONDS, 2 * MIN_TIMEOUT_SECONDS);
        timers.add(engine.scheduler().schedule(watch::close, seconds, TimeUnit.SECONDS));
        if (options.allowWatchBookmarks()) {
            Runnable bookmark = watch::bookmark;
            timers.add(engine.scheduler()
                    .scheduleAtFixedRate(bookmark, BOOKMARK_SECONDS, BOOKMARK_SECONDS, TimeUnit.SECONDS));
            if (seconds > 2) {
                timers.add(engine.scheduler().schedule(bookmark, seconds - 2, TimeUnit.SECONDS));
            }
        }
        watch.timers(List.copyOf(timers));
        watch.start(engine.storage());
        return watch;
    }

    private long reached(long asked) {
        requireReached(asked, StoredObjects.guard(engine.storage()::currentRevision));
        return asked;
    }

    private static void requireReached(long asked, long current) {
        if (asked > current) {
            throw StorageErrors.toApi(new StorageException.FutureRevision(asked, current));
        }
    }
}
