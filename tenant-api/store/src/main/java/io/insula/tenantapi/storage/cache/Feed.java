package io.insula.tenantapi.storage.cache;

import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.StorageEvent;
import io.insula.tenantapi.storage.StorageException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The one watch of a whole store: every revision shows in it, so that what has been reached needs no asking. Hands
/// events on by prefix, and keeps the last few for prefixes that somebody begins to follow. Thread-safe: guarded by
/// `this`, under which subscribers only queue or put into maps.
final class Feed implements Storage.Listener {

    private static final int WINDOW_EVENTS = 500;
    private static final long WINDOW_BYTES = 2L * 1024 * 1024;

    /// Follows one prefix. Called with the feed's lock held; must neither block nor throw.
    interface Subscriber {
        void onEvents(List<StorageEvent> events);

        void onProgress(long revision);

        /// The feed has ended, and with it the subscription.
        void onEnd(StorageException error);
    }

    private final Map<String, Set<Subscriber>> byPrefix = new HashMap<>();
    private final Deque<StorageEvent> window = new ArrayDeque<>();
    private long windowBytes;
    /// All events after this revision are in the window.
    private long complete;
    private long reached;
    private int waiting;
    private boolean ended;
    private Storage.@Nullable Subscription upstream;

    /// @param afterRevision from which on it will know everything
    Feed(long afterRevision) {
        complete = afterRevision;
        reached = afterRevision;
    }

    synchronized void start(Storage store) {
        if (!ended) {
            upstream = store.watch("", complete, this);
        }
    }

    synchronized boolean isEnded() {
        return ended;
    }

    synchronized boolean isUnused() {
        return byPrefix.isEmpty();
    }

    /// Everything up to this revision has been handed on.
    synchronized long reached() {
        return reached;
    }

    /// @param prefix ends with `/`
    /// @return the events after `afterRevision` so far; null when they are not known any more or the feed has ended
    synchronized @Nullable List<StorageEvent> subscribe(String prefix, long afterRevision, Subscriber subscriber) {
        if (ended || afterRevision < complete) {
            return null;
        }
        byPrefix.computeIfAbsent(prefix, _ -> new LinkedHashSet<>()).add(subscriber);
        return window.stream()
                .filter(event ->
                        event.modRevision() > afterRevision && event.key().startsWith(prefix))
                .toList();
    }

    synchronized void unsubscribe(String prefix, Subscriber subscriber) {
        byPrefix.computeIfPresent(prefix, (_, all) -> {
            all.remove(subscriber);
            return all.isEmpty() ? null : all;
        });
    }

    /// Waits until everything up to `revision` has been handed on.
    ///
    /// @return false when that did not come in time, or never will
    synchronized boolean await(long revision, Duration patience) {
        if (reached >= revision) {
            return true;
        }
        long end = System.nanoTime() + patience.toNanos();
        waiting++;
        try {
            while (reached < revision && !ended) {
                long left = end - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                wait(left / 1_000_000, (int) (left % 1_000_000));
            }
            return reached >= revision;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            waiting--;
        }
    }

    @Override
    public synchronized void onEvents(List<StorageEvent> events) {
        if (ended) {
            return;
        }
        remember(events);
        bySubscriber(events).forEach(Subscriber::onEvents);
        reach(events.getLast().modRevision());
    }

    @Override
    public synchronized void onProgress(long revision) {
        reach(revision);
        byPrefix.values().forEach(all -> all.forEach(subscriber -> subscriber.onProgress(revision)));
    }

    @Override
    public synchronized void onError(StorageException error) {
        if (ended) {
            return;
        }
        ended = true;
        var all = byPrefix.values().stream().flatMap(Set::stream).toList();
        byPrefix.clear();
        window.clear();
        all.forEach(subscriber -> subscriber.onEnd(error));
        notifyAll();
    }

    /// Ends the watch of the store; nobody may follow it any more.
    synchronized void close() {
        ended = true;
        window.clear();
        if (upstream != null) {
            upstream.close();
        }
        notifyAll();
    }

    private void reach(long revision) {
        reached = Math.max(reached, revision);
        if (waiting > 0) {
            notifyAll();
        }
    }

    private void remember(List<StorageEvent> events) {
        for (StorageEvent event : events) {
            window.addLast(event);
            windowBytes += SharedWatch.size(event);
        }
        while (window.size() > WINDOW_EVENTS || windowBytes > WINDOW_BYTES) {
            StorageEvent oldest = window.removeFirst();
            windowBytes -= SharedWatch.size(oldest);
            complete = oldest.modRevision();
        }
    }

    private Map<Subscriber, List<StorageEvent>> bySubscriber(List<StorageEvent> events) {
        var wanted = new IdentityHashMap<Subscriber, List<StorageEvent>>();
        for (StorageEvent event : events) {
            String key = event.key();
            for (int slash = key.indexOf('/'); slash >= 0; slash = key.indexOf('/', slash + 1)) {
                Set<Subscriber> all = byPrefix.get(key.substring(0, slash + 1));
                if (all != null) {
                    all.forEach(subscriber -> wanted.computeIfAbsent(subscriber, _ -> new ArrayList<>())
                            .add(event));
                }
            }
        }
        return wanted;
    }
}
