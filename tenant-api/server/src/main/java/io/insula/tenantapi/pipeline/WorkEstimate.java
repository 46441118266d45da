package io.insula.tenantapi.pipeline;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.flowcontrol.Work;
import io.insula.tenantapi.registry.KindRegistry;
import io.insula.tenantapi.registry.Subresource.Effect;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// What a request costs. A list takes a seat for every hundred objects that it goes through, as far as the last list
/// told how many there are; a write one for every ten watchers of the resource, for as long as they have work with
/// it. Thread-safe.
///
/// Source: kubernetes/apiserver, `flowcontrol/request/list_work_estimator.go` and `mutating_work_estimator.go`.
final class WorkEstimate {

    private static final int OBJECTS_PER_SEAT = 100;
    private static final int WATCHERS_PER_SEAT = 10;
    private static final Duration PER_EVENT = Duration.ofMillis(5);
    private static final int WIDEST = 10;

    private final Map<GroupVersionResource, Long> counts = new ConcurrentHashMap<>();
    private final Map<GroupVersionResource, AtomicInteger> watchers = new ConcurrentHashMap<>();

    private final KindRegistry kinds;

    WorkEstimate(KindRegistry kinds) {
        this.kinds = kinds;
    }

    /// A list of a whole resource has found so many.
    void found(GroupVersionResource resource, long objects) {
        counts.put(resource, objects);
    }

    /// One more watches; what is answered is to be run when it has ended.
    Runnable watching(GroupVersionResource resource) {
        AtomicInteger number = watchers.computeIfAbsent(resource, key -> new AtomicInteger());
        number.incrementAndGet();
        return number::decrementAndGet;
    }

    Work of(Exchange exchange) {
        RequestInfo info = exchange.info();
        if (!info.isResource()) {
            return Work.ONE;
        }
        if (info.isWrite()) {
            return ofWrite(info);
        }
        boolean lists = info.verb().equals("list") || (info.verb().equals("watch") && wantsAll(exchange));
        return lists && info.name().isEmpty() ? ofList(exchange) : Work.ONE;
    }

    private Work ofWrite(RequestInfo info) {
        AtomicInteger number = watchers.get(info.gvr());
        int count = number == null ? 0 : number.get();
        if (count < WATCHERS_PER_SEAT || storesNothing(info)) {
            return Work.ONE;
        }
        int seats = Math.ceilDiv(count, WATCHERS_PER_SEAT);
        int taken = Math.min(seats, WIDEST);
        return new Work(taken, PER_EVENT.multipliedBy(seats).dividedBy(taken));
    }

    /// Whether no watcher hears of the write: a token is no event.
    private boolean storesNothing(RequestInfo info) {
        return kinds.find(info.gvr())
                .flatMap(kind -> kind.spec().findSubresource(info.subresource()))
                .filter(sub -> sub.effect() instanceof Effect.Virtual)
                .isPresent();
    }

    private Work ofList(Exchange exchange) {
        Long stored = counts.get(exchange.info().gvr());
        if (stored == null) {
            return Work.ONE;
        }
        boolean selects = !exchange.query().text("labelSelector").isEmpty()
                || !exchange.query().text("fieldSelector").isEmpty();
        long limit = limit(exchange, stored);
        long objects = selects ? stored + limit : 2 * limit;
        return new Work(Math.clamp(Math.ceilDiv(objects, OBJECTS_PER_SEAT), 1, WIDEST), Duration.ZERO);
    }

    private static long limit(Exchange exchange, long stored) {
        try {
            long asked = exchange.query().number("limit", 0);
            return asked > 0 ? Math.min(asked, stored) : stored;
        } catch (ApiException e) {
            // it will be refused for that
            return stored;
        }
    }

    private static boolean wantsAll(Exchange exchange) {
        String revision = exchange.query().text("resourceVersion");
        return revision.isEmpty() || revision.equals("0") || exchange.query().isTrue("sendInitialEvents");
    }
}
