package io.insula.tenantapi.rbac;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.ports.ObjectClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Answers the current [Policy]. Nothing is read before the first question; then the four kinds are listed and watched,
/// and let go after [#IDLE] without a question.
///
/// A write is visible to the very next check: [#expectWrite] is told of each write before it is stored, and until the
/// watch has delivered it (or [#SETTLE] has passed, when it must have failed) checks read the store instead of the
/// image. So revoking takes effect at once too. Rejected: reading through only where the image denies (a revoked right
/// would live on for a moment), and comparing store revisions (every write of any kind moves the revision, so each
/// check would wait for watch progress).
///
/// Thread-safe: guarded by `lock`, which is never held during I/O.
final class RbacIndex implements AutoCloseable {

    static final Duration IDLE = Duration.ofMinutes(1);
    static final Duration SETTLE = Duration.ofSeconds(10);

    private final Supplier<ObjectClient> client;
    private final LongSupplier nanos;
    private final Executor later;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Key, Pending> pending = new HashMap<>();
    private @Nullable Image image;
    private long lastUsed;

    enum Source {
        ROLES("roles"),
        ROLE_BINDINGS("rolebindings"),
        CLUSTER_ROLES("clusterroles"),
        CLUSTER_ROLE_BINDINGS("clusterrolebindings");

        private final String plural;

        Source(String plural) {
            this.plural = plural;
        }

        GroupVersionResource resource() {
            return new GroupVersionResource("rbac.authorization.k8s.io", "v1", plural);
        }
    }

    private record Key(String resource, String namespace, String name) {}

    private record Pending(int writes, long deadlineNanos) {}

    RbacIndex(Supplier<ObjectClient> client) {
        this(client, System::nanoTime, CompletableFuture.delayedExecutor(IDLE.toMillis(), TimeUnit.MILLISECONDS));
    }

    /// @param later runs a task after about [#IDLE]
    RbacIndex(Supplier<ObjectClient> client, LongSupplier nanos, Executor later) {
        this.client = client;
        this.nanos = nanos;
        this.later = later;
    }

    /// The policy, at least as new as every acknowledged write of this server. Blocks while it is read.
    Policy policy() {
        Image current;
        lock.lock();
        try {
            lastUsed = nanos.getAsLong();
            pending.values().removeIf(write -> write.deadlineNanos() - lastUsed < 0);
            current = image;
            if (current != null && pending.isEmpty()) {
                return current.policy();
            }
        } finally {
            lock.unlock();
        }
        return current == null ? start() : new Image(read()).policy();
    }

    /// Tells of a write that is about to be stored.
    void expectWrite(GroupVersionResource resource, String namespace, String name) {
        lock.lock();
        try {
            long deadline = nanos.getAsLong() + SETTLE.toNanos();
            pending.merge(
                    new Key(resource.resource(), namespace, name),
                    new Pending(1, deadline),
                    (old, added) -> new Pending(old.writes() + 1, deadline));
        } finally {
            lock.unlock();
        }
    }

    boolean isRunning() {
        lock.lock();
        try {
            return image != null;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        stop(null);
    }

    private Policy start() {
        Map<Source, ObjectClient.ObjectList> lists = read();
        var started = new Image(lists);
        try {
            for (Source source : Source.values()) {
                started.watches.add(client.get()
                        .watch(
                                source.resource(),
                                "",
                                version(lists, source),
                                ObjectClient.Query.ALL,
                                new Feed(started, source)));
            }
        } catch (RuntimeException e) {
            started.closeWatches();
            throw e;
        }
        return install(started);
    }

    private Policy install(Image started) {
        @Nullable Image obsolete;
        Policy policy;
        boolean installed;
        lock.lock();
        try {
            // a watch that ended already leaves nothing to keep; of two that started at once the later stays
            installed = !started.ended;
            obsolete = installed ? image : started;
            if (installed) {
                image = started;
            }
            policy = started.policy();
        } finally {
            lock.unlock();
        }
        if (obsolete != null) {
            obsolete.closeWatches();
        }
        if (installed) {
            later.execute(this::stopIfIdle);
        }
        return policy;
    }

    private Map<Source, ObjectClient.ObjectList> read() {
        var lists = new EnumMap<Source, ObjectClient.ObjectList>(Source.class);
        for (Source source : Source.values()) {
            lists.put(source, client.get().list(source.resource(), "", ObjectClient.Query.ALL));
        }
        return lists;
    }

    private void stopIfIdle() {
        boolean idle;
        lock.lock();
        try {
            if (image == null) {
                return;
            }
            idle = nanos.getAsLong() - lastUsed >= IDLE.toNanos();
        } finally {
            lock.unlock();
        }
        if (idle) {
            stop(null);
        } else {
            later.execute(this::stopIfIdle);
        }
    }

    /// Stops `which`, or whatever runs where it is null.
    private void stop(@Nullable Image which) {
        @Nullable Image stopped = which;
        lock.lock();
        try {
            if (stopped == null) {
                stopped = image;
            }
            if (stopped == image) {
                image = null;
            }
            if (stopped != null) {
                stopped.ended = true;
            }
        } finally {
            lock.unlock();
        }
        if (stopped != null) {
            stopped.closeWatches();
        }
    }

    private static String version(Map<Source, ObjectClient.ObjectList> lists, Source source) {
        ObjectClient.ObjectList list = lists.get(source);
        if (list == null) {
            throw new IllegalStateException("not listed: " + source);
        }
        return list.resourceVersion();
    }

    /// Applies the events of one kind.
    private final class Feed implements ObjectClient.WatchHandler {

        private final Image target;
        private final Source source;

        Feed(Image target, Source source) {
            this.target = target;
            this.source = source;
        }

        @Override
        public void onEvent(String type, ObjectNode object) {
            var key = new Key(source.plural, Meta.namespace(object), Meta.name(object));
            lock.lock();
            try {
                target.apply(source, type.equals("DELETED"), key, object);
                pending.computeIfPresent(
                        key,
                        (k, write) ->
                                write.writes() == 1 ? null : new Pending(write.writes() - 1, write.deadlineNanos()));
            } finally {
                lock.unlock();
            }
        }

        /// The next question starts anew.
        @Override
        public void onEnd() {
            stop(target);
        }
    }

    /// The tables as last seen; the policy of them is made when asked for. Guarded by the index's lock.
    private static final class Image {

        private final Map<Key, List<Rule>> roles = new HashMap<>();
        private final Map<Key, Binding> bindings = new HashMap<>();
        private final List<AutoCloseable> watches = new ArrayList<>();
        private @Nullable Policy policy;
        private boolean ended;

        Image(Map<Source, ObjectClient.ObjectList> lists) {
            lists.forEach((source, list) -> {
                for (ObjectNode object : list.items()) {
                    var key = new Key(source.plural, Meta.namespace(object), Meta.name(object));
                    apply(source, false, key, object);
                }
            });
        }

        Policy policy() {
            if (policy == null) {
                var byRef = new HashMap<RoleRef, List<Rule>>();
                roles.forEach((key, rules) -> byRef.put(
                        new RoleRef(
                                key.resource().equals(Source.ROLES.plural) ? RoleRef.ROLE : RoleRef.CLUSTER_ROLE,
                                key.namespace(),
                                key.name()),
                        rules));
                policy = new Policy(byRef, bindings.values());
            }
            return policy;
        }

        void apply(Source source, boolean deleted, Key key, ObjectNode object) {
            policy = null;
            boolean isRole = source == Source.ROLES || source == Source.CLUSTER_ROLES;
            if (deleted) {
                roles.remove(key);
                bindings.remove(key);
            } else if (isRole) {
                roles.put(key, Rule.all(object.path("rules")));
            } else {
                bindings.put(key, Binding.of(object));
            }
        }

        void closeWatches() {
            for (AutoCloseable watch : watches) {
                try {
                    watch.close();
                } catch (Exception e) {
                    throw new IllegalStateException("cannot close a watch", e);
                }
            }
        }
    }
}
