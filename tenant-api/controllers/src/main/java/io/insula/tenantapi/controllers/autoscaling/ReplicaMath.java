package io.insula.tenantapi.controllers.autoscaling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.resources.Amounts;
import io.insula.rules.resources.PodTotal;
import io.insula.rules.resources.Quantity;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.view.ContainerView;
import io.insula.tenantapi.view.ContainerView.Kind;
import io.insula.tenantapi.view.PodSpecView;
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

    /// What a metric aims at.
    ///
    /// @param container that alone counts; empty for all
    /// @param value percent of the requests where `utilization`, else thousandths of a unit for each pod
    record Target(String resource, String container, boolean utilization, long value) {}

    static Proposal of(int replicas, Collection<ObjectNode> pods, Map<String, Long> usage, Target target)
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
            requested.put(name, target.utilization() ? request(PodView.of(pod), target) : 0);
            if (PodView.of(pod).phase().equals("Pending")
                    || (target.resource().equals("cpu") && !PodView.of(pod).isReady())) {
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
        long average = target.utilization() ? used * 100 / Math.max(1, requests) : used / measured.size();
        double ratio = (double) average / Math.max(1, target.value());
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
        return 1 - TOLERANCE <= ratio && ratio <= 1 + TOLERANCE;
    }

    /// In thousandths: of one container where the metric names it, else what the pod itself requests, else the sum of
    /// what runs until the pod ends.
    private static long request(PodView pod, Target target) throws MetricsUnavailable {
        PodSpecView spec = pod.spec();
        if (target.container().isEmpty() && ofPods(spec.resources().path("requests"))) {
            Amounts whole = spec.requests().plus(Amounts.of(spec.overhead()));
            if (!whole.has(target.resource())) {
                throw missing(
                        "missing pod-level request for " + target.resource() + " in Pod " + Meta.name(pod.tree()));
            }
            return whole.get(target.resource()).milliValue();
        }
        return ofContainers(pod, target);
    }

    private static boolean ofPods(JsonNode requests) {
        return requests.properties().stream().anyMatch(entry -> PodTotal.isOfPods(entry.getKey()));
    }

    private static long ofContainers(PodView pod, Target target) throws MetricsUnavailable {
        long sum = 0;
        boolean found = target.container().isEmpty();
        for (ContainerView container : pod.spec().startedContainers()) {
            boolean runsOn = container.list() == Kind.ORDINARY || container.isSidecar();
            if (runsOn && (target.container().isEmpty() || target.container().equals(container.name()))) {
                found = true;
                JsonNode request = container.requests().path(target.resource());
                if (request.isMissingNode()) {
                    throw missing("missing request for " + target.resource() + " in container " + container.name()
                            + " of Pod " + Meta.name(pod.tree()));
                }
                sum += Quantity.orZero(request.asText()).milliValue();
            }
        }
        if (!found) {
            throw missing("container " + target.container() + " not found in Pod " + Meta.name(pod.tree()));
        }
        return sum;
    }

    private static MetricsUnavailable missing(String what) {
        return new MetricsUnavailable("FailedGetResourceMetric", what);
    }
}
