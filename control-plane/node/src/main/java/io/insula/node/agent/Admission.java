package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.insula.node.pod.PodTrees;
import io.insula.rules.resources.Amounts;
import io.insula.tenantapi.view.PodView;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// Whether a node takes a pod that is bound to it, in upstream's words. Pure.
///
/// Source: kubernetes, `pkg/kubelet/lifecycle/predicate.go`.
final class Admission {

    private static final String CPU = "cpu";

    private Admission() {}

    static Amounts amounts(Map<String, Quantity> quantities) {
        return Amounts.ofTexts(quantities.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().toString())));
    }

    /// What pods hold that have not ended.
    static Amounts held(List<Pod> pods) {
        return Amounts.sum(pods.stream()
                .map(pod -> PodView.of(PodTrees.of(pod)))
                .filter(pod -> !pod.isTerminal())
                .map(PodView::heldRequests)
                .toList());
    }

    /// Empty where there is enough.
    static Optional<String> shortage(String resource, Amounts wanted, Amounts allocatable, Amounts others) {
        boolean fits = wanted.get(resource).plus(others.get(resource)).compareTo(allocatable.get(resource)) <= 0;
        return fits
                ? Optional.empty()
                : Optional.of("Node didn't have enough resource: " + resource + ", requested: "
                        + number(wanted, resource) + ", used: " + number(others, resource) + ", capacity: "
                        + number(allocatable, resource));
    }

    /// As upstream counts: thousandths of processors, else whole ones.
    static long number(Amounts amounts, String resource) {
        return resource.equals(CPU)
                ? amounts.get(resource).milliValue()
                : amounts.get(resource).longValue();
    }
}
