package io.insula.controlplane.cluster;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.resources.Amounts;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.ports.ObjectClient.Query;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What all objects of one resource of a tenant use together: counted once, then kept up by a watch. What has been
/// admitted and is not seen yet counts as well, so that of two requests at the same moment only one gets the last of
/// something.
///
/// Begun by the first request; holds no thread. Guarded by itself: who asks and then charges holds the lock.
final class TenantUsage {

    private static final Logger LOG = LoggerFactory.getLogger(TenantUsage.class);

    /// Longer than any request takes between its admission and its end.
    private static final Duration UNDER_WAY = Duration.ofMinutes(2);

    private final GroupVersionResource resource;
    private final Function<ObjectNode, Use> measure;
    private final InstantSource clock;
    private final Map<String, Use> stored = new HashMap<>();
    private final Map<String, Charge> charged = new HashMap<>();
    private final Map<String, Use> counted = new HashMap<>();
    private final Map<String, Amounts> totals = new HashMap<>();
    private @Nullable AutoCloseable watch;
    private int epoch;

    /// @param part what else than the whole the amounts count for: the name of a profile; empty for nothing
    record Use(String uid, String part, Amounts amounts) {}

    /// @param version that was read before the change
    private record Charge(Use use, long version, Instant since) {
        boolean isSettledBy(ObjectNode object) {
            boolean same = use.uid().isEmpty() || use.uid().equals(Meta.uid(object));
            return same && Long.parseLong(Meta.resourceVersion(object)) > version;
        }
    }

    TenantUsage(GroupVersionResource resource, Function<ObjectNode, Use> measure, InstantSource clock) {
        this.resource = resource;
        this.measure = measure;
        this.clock = clock;
    }

    /// Lists and watches where that is not under way.
    void start(ObjectClient client) {
        if (watch != null) {
            return;
        }
        var list = client.list(resource, "", Query.ALL);
        stored.clear();
        counted.clear();
        totals.clear();
        list.items().forEach(object -> stored.put(key(object), measure.apply(object)));
        stored.keySet().forEach(this::recount);
        charged.keySet().forEach(this::recount);
        int current = ++epoch;
        watch = client.watch(resource, "", list.resourceVersion(), Query.ALL, new Handler(current));
    }

    /// Of everything but the object itself, seen or under way.
    ///
    /// @param part only what counts for it; empty for all
    Amounts others(String part, String key) {
        var all = totals.getOrDefault(part, Amounts.NONE);
        var own = counted.get(key);
        return own == null || !(part.isEmpty() || own.part().equals(part)) ? all : all.lessNotBelowZero(own.amounts());
    }

    /// Counts from now on, until it is seen. Where there is an object of that name, a create will find it, and changes
    /// nothing.
    ///
    /// @param version of the object as it was read; 0 for a new one
    void charge(String key, Use use, long version) {
        if (version > 0 || !stored.containsKey(key)) {
            charged.put(key, new Charge(use, version, clock.instant()));
            recount(key);
        }
    }

    /// Forgets what was admitted long ago and was never stored.
    ///
    /// @return whether anything was
    boolean forgetLost(ObjectClient client) {
        var limit = clock.instant().minus(UNDER_WAY);
        var old = charged.entrySet().stream()
                .filter(each -> each.getValue().since().isBefore(limit))
                .map(Map.Entry::getKey)
                .toList();
        for (String key : old) {
            int slash = key.indexOf('/');
            Optional<ObjectNode> live = client.get(resource, key.substring(0, slash), key.substring(slash + 1));
            charged.remove(key);
            live.ifPresentOrElse(object -> stored.put(key, measure.apply(object)), () -> stored.remove(key));
            recount(key);
        }
        return !old.isEmpty();
    }

    static String key(ObjectNode object) {
        return Meta.namespace(object) + "/" + Meta.name(object);
    }

    private synchronized void seen(int of, String type, ObjectNode object) {
        if (of != epoch) {
            return;
        }
        var key = key(object);
        var charge = charged.get(key);
        if (charge != null && charge.isSettledBy(object)) {
            charged.remove(key);
        }
        if (type.equals("DELETED")) {
            stored.remove(key);
        } else {
            stored.put(key, measure.apply(object));
        }
        recount(key);
    }

    /// What is under way counts in the place of what is stored.
    private void recount(String key) {
        var charge = charged.get(key);
        var now = charge == null ? stored.get(key) : charge.use();
        var before = now == null ? counted.remove(key) : counted.put(key, now);
        if (before != null && !before.equals(now)) {
            total(before, (all, amounts) -> all.lessNotBelowZero(amounts));
        }
        if (now != null && !now.equals(before)) {
            total(now, Amounts::plus);
        }
    }

    private void total(Use use, BinaryOperator<Amounts> how) {
        totals.put("", how.apply(totals.getOrDefault("", Amounts.NONE), use.amounts()));
        if (!use.part().isEmpty()) {
            totals.put(use.part(), how.apply(totals.getOrDefault(use.part(), Amounts.NONE), use.amounts()));
        }
    }

    private synchronized void ended(int of) {
        if (of == epoch) {
            watch = null;
        }
    }

    synchronized void close() {
        epoch++;
        var open = watch;
        watch = null;
        if (open != null) {
            try {
                open.close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                throw ApiException.internal("a watch does not end", e);
            }
        }
    }

    /// Events of one watch.
    private final class Handler implements ObjectClient.WatchHandler {
        private final int mine;

        Handler(int mine) {
            this.mine = mine;
        }

        @Override
        public void onEvent(String type, ObjectNode object) {
            try {
                seen(mine, type, object);
            } catch (RuntimeException e) {
                // what is missed here must be counted anew
                LOG.atWarn().addKeyValue("resource", resource).setCause(e).log("usage is counted again");
                close();
            }
        }

        @Override
        public void onEnd() {
            ended(mine);
        }
    }
}
