package io.insula.tenantapi.pipeline;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// How many seats a request takes: a list one for every hundred objects that it goes through, as far as the last
/// list told how many there are. Thread-safe. Source: kubernetes/apiserver,
/// `flowcontrol/request/list_work_estimator.go`.
final class WorkEstimate {

    private static final int OBJECTS_PER_SEAT = 100;
    private static final int WIDEST = 10;

    private final Map<GroupVersionResource, Long> counts = new ConcurrentHashMap<>();

    /// A list of a whole resource has found so many.
    void found(GroupVersionResource resource, long objects) {
        counts.put(resource, objects);
    }

    int seats(Exchange exchange) {
        RequestInfo info = exchange.info();
        boolean lists = info.verb().equals("list") || (info.verb().equals("watch") && wantsAll(exchange));
        Long stored = lists ? counts.get(info.gvr()) : null;
        if (stored == null || !info.name().isEmpty()) {
            return 1;
        }
        long limit = stored;
        try {
            long asked = exchange.query().number("limit", 0);
            limit = asked > 0 ? Math.min(asked, stored) : stored;
        } catch (ApiException e) {
            // it will be refused for that
        }
        boolean selects = !exchange.query().text("labelSelector").isEmpty()
                || !exchange.query().text("fieldSelector").isEmpty();
        long objects = selects ? stored + limit : 2 * limit;
        return Math.clamp(Math.ceilDiv(objects, OBJECTS_PER_SEAT), 1, WIDEST);
    }

    private static boolean wantsAll(Exchange exchange) {
        String revision = exchange.query().text("resourceVersion");
        return revision.isEmpty() || revision.equals("0") || exchange.query().isTrue("sendInitialEvents");
    }
}
