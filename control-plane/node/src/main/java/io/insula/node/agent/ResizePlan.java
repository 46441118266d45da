package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.insula.node.pod.PodTrees;
import io.insula.rules.resources.Amounts;
import io.insula.tenantapi.view.PodSpecView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What becomes of a running pod of which other resources are wanted than it holds. Pure.
///
/// Source: KEP-1287; kubernetes, `pkg/kubelet/allocation/allocation_manager.go`.
sealed interface ResizePlan {

    /// It holds what is wanted.
    record Nothing() implements ResizePlan {}

    /// @param reason `Infeasible`: the node never can; `Deferred`: it cannot now
    record Refuse(String reason, String message) implements ResizePlan {}

    record Give(List<Change> changes) implements ResizePlan {
        public Give {
            changes = List.copyOf(changes);
        }
    }

    /// @param restarts whether the container said that it wants to start anew with it
    record Change(Container container, boolean restarts) {}

    /// @param allocatable of the node
    /// @param others what all other pods hold of it
    static ResizePlan decide(PodView view, Holdings holdings, Amounts allocatable, Amounts others) {
        var changes = new ArrayList<Change>();
        for (Container container : resizable(view)) {
            ResourceRequirements holds = holdings.of(view, container);
            ResourceRequirements wanted = Holdings.wanted(container);
            if (view.newest(container.getName()).isPresent() && !Holdings.isSame(holds, wanted)) {
                changes.add(new Change(container, restarts(container, holds, wanted)));
            }
        }
        if (changes.isEmpty()) {
            return new Nothing();
        }
        PodSpecView spec =
                io.insula.tenantapi.view.PodView.of(PodTrees.of(view.pod())).spec();
        Amounts wanted = spec.requests().plus(Amounts.of(spec.overhead()));
        return refusal(wanted, allocatable, others).<ResizePlan>map(r -> r).orElseGet(() -> new Give(changes));
    }

    private static Optional<Refuse> refusal(Amounts wanted, Amounts allocatable, Amounts others) {
        for (String resource : Holdings.RESIZABLE) {
            if (wanted.get(resource).compareTo(allocatable.get(resource)) > 0) {
                return Optional.of(new Refuse(
                        "Infeasible",
                        "Node didn't have enough capacity: " + resource + ", requested: "
                                + Admission.number(wanted, resource) + ", capacity: "
                                + Admission.number(allocatable, resource)));
            }
        }
        return Holdings.RESIZABLE.stream()
                .flatMap(resource -> Admission.shortage(resource, wanted, allocatable, others).stream())
                .findFirst()
                .map(message -> new Refuse("Deferred", message));
    }

    /// Ordinary containers and sidecars.
    private static List<Container> resizable(PodView view) {
        return view.all().stream()
                .filter(c -> view.pod().getSpec().getContainers().contains(c) || PodView.isSidecar(c))
                .toList();
    }

    private static boolean restarts(Container container, ResourceRequirements holds, ResourceRequirements wanted) {
        return container.getResizePolicy().stream()
                .anyMatch(policy -> "RestartContainer".equals(policy.getRestartPolicy())
                        && !Holdings.isSame(holds, wanted, policy.getResourceName()));
    }
}
