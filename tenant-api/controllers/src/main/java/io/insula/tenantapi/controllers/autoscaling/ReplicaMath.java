package io.insula.tenantapi.controllers.autoscaling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.objects.Quantities;
import io.insula.tenantapi.view.ContainerView;
import io.insula.tenantapi.view.ContainerView.Kind;
import io.insula.tenantapi.view.PodView;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/// How many replicas a resource metric asks for. Pure.
/// Source: kubernetes, `pkg/controller/podautoscaler/replica_calculator.go`.
final class ReplicaMath {

    static final double TOLERANCE = 0.1;

    private ReplicaMath() {}

    /// @param ratio what is used to what is wanted
    /// @param current what one pod uses on average: percent of its request, or thousandths of a unit
    record Proposal(int replicas, double ratio, long current) {}

    /// @param target percent of the requests where `utilization`, else thousandths of a unit for each pod
    static Proposal of(
            int replicas,
            Collection<ObjectNode> pods,
            Map<String, Long> usage,
            String resource,
            boolean utilization,
            long target)
            throws MetricsUnavailable {
        var measured = new HashMap<String, Long>();
        int missing = 0;
        int unready = 0;
        long requests = 0;
        var requested = new HashMap<String, Long>();
        for (ObjectNode pod : pods) {
            if (!PodView.of(pod).isActive()) {
                continue;
            }
            String name = Meta.name(pod);
            requested.put(name, request(pod, resource, utilization));
            if (PodView.of(pod).phase().equals("Pending")
                    || (resource.equals("cpu") && !PodView.of(pod).isReady())) {
                unready++;
            } else if (usage.containsKey(name)) {
                measured.put(name, usage.getOrDefault(name, 0L));
            } else {
                missing++;
            }
        }
        if (measured.isEmpty()) {
            throw new MetricsUnavailable(
                    "FailedGetResourceMetric", "did not receive metrics for targeted pods (pods might be unready)");
        }
        long used = 0;
        for (Map.Entry<String, Long> one : measured.entrySet()) {
            used += one.getValue();
            requests += requested.getOrDefault(one.getKey(), 0L);
        }
        long average = utilization ? used * 100 / Math.max(1, requests) : used / measured.size();
        double ratio = (double) average / Math.max(1, target);
        if (unready == 0 && missing == 0) {
            int wanted = isWithin(ratio) ? replicas : (int) Math.ceil(ratio * measured.size());
            return new Proposal(wanted, ratio, average);
        }
        return cautious(replicas, measured.size(), missing, ratio > 1 ? unready : 0, ratio, average);
    }

    /// Pods that say nothing are taken to use what speaks against the change: everything when shrinking, nothing when
    /// growing.
    private static Proposal cautious(int replicas, int measured, int missing, int unready, double ratio, long average) {
        double sum = ratio * measured + (ratio < 1 ? missing : 0);
        int count = measured + missing + unready;
        double tempered = sum / count;
        boolean turned = (ratio < 1 && tempered > 1) || (ratio > 1 && tempered < 1);
        if (isWithin(tempered) || turned) {
            return new Proposal(replicas, tempered, average);
        }
        int wanted = (int) Math.ceil(tempered * count);
        boolean wrongWay = (tempered < 1 && wanted > replicas) || (tempered > 1 && wanted < replicas);
        return new Proposal(wrongWay ? replicas : wanted, tempered, average);
    }

    private static boolean isWithin(double ratio) {
        return Math.abs(1 - ratio) <= TOLERANCE;
    }

    private static long request(JsonNode pod, String resource, boolean needed) throws MetricsUnavailable {
        long sum = 0;
        for (ContainerView container : PodView.of(pod).spec().containers(Kind.ORDINARY)) {
            JsonNode request = container.requests().path(resource);
            if (request.isMissingNode() && needed) {
                throw new MetricsUnavailable(
                        "FailedGetResourceMetric",
                        "missing request for " + resource + " in container " + container.name() + " of Pod "
                                + Meta.name(pod));
            }
            sum += Quantities.milli(request);
        }
        return sum;
    }
}
