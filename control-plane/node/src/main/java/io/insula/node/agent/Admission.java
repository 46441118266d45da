package io.insula.node.agent;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Sysctl;
import io.insula.node.pod.Features;
import io.insula.node.pod.PodTrees;
import io.insula.node.pod.Resourcing;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.rules.podsecurity.AllowedValues;
import io.insula.rules.resources.Amounts;
import io.insula.tenantapi.view.Nodes;
import io.insula.tenantapi.view.PodView;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Whether a node takes a pod that is bound to it, by a scheduler or by hand, in upstream's words. Pure.
///
/// Source: kubernetes, `pkg/kubelet/lifecycle/predicate.go`, `pkg/kubelet/sysctl/allowlist.go`,
/// `pkg/kubelet/eviction/eviction_manager.go`.
final class Admission {

    private static final String CPU = "cpu";
    private static final String PODS = "pods";
    private static final String MEMORY_PRESSURE = "MemoryPressure";
    /// System pods come whatever presses. Source: Kubernetes, `SystemCriticalPriority`.
    static final int CRITICAL = 2_000_000_000;

    private static final Set<String> NATIVE = Set.of(CPU, "memory", "ephemeral-storage", PODS);

    private Admission() {}

    /// @param reason of the pod's status
    record Rejection(String reason, String message) {}

    /// The node as a pod finds it.
    ///
    /// @param node the object, with its labels and taints
    /// @param allocatable what all pods together may request
    /// @param pressure the node's conditions that press, by type
    /// @param hasAppArmor whether the kernel has it
    record Place(JsonNode node, Amounts allocatable, List<String> pressure, boolean hasAppArmor) {}

    /// @param others that were admitted and have not ended
    static Optional<Rejection> rejection(Pod pod, List<Pod> others, Place place) {
        return pressed(pod, place)
                .or(() -> sysctl(pod))
                .or(() -> Features.unserved(pod).map(why -> new Rejection("PodFeatureUnsupported", why)))
                .or(() -> device(pod, place))
                .or(() -> room(pod, others, place))
                .or(() -> predicate(pod, others, place))
                .or(() -> appArmor(pod, place));
    }

    private static Optional<Rejection> pressed(Pod pod, Place place) {
        Integer priority = pod.getSpec().getPriority();
        if (place.pressure().isEmpty() || (priority != null && priority >= CRITICAL)) {
            return Optional.empty();
        }
        if (place.pressure().equals(List.of(MEMORY_PRESSURE))) {
            boolean tolerates = pod.getSpec().getTolerations().stream()
                    .anyMatch(t -> "node.kubernetes.io/memory-pressure".equals(t.getKey())
                            && (t.getEffect() == null
                                    || t.getEffect().isEmpty()
                                    || t.getEffect().equals("NoSchedule")));
            if (tolerates || !Resourcing.qos(pod).equals("BestEffort")) {
                return Optional.empty();
            }
        }
        return Optional.of(
                new Rejection("Evicted", "The node had condition: [" + String.join(" ", place.pressure()) + "]. "));
    }

    private static Optional<Rejection> sysctl(Pod pod) {
        PodSecurityContext context = pod.getSpec().getSecurityContext();
        List<Sysctl> wanted = context == null ? List.of() : context.getSysctls();
        for (Sysctl sysctl : wanted) {
            String name = Features.dotted(sysctl.getName());
            String why = "";
            if (!AllowedValues.SYSCTLS.contains(name)) {
                why = "not allowlisted";
            } else if (name.startsWith("net.")
                    && Boolean.TRUE.equals(pod.getSpec().getHostNetwork())) {
                why = "not allowed with host net enabled";
            } else if (name.startsWith("kernel.shm")
                    && Boolean.TRUE.equals(pod.getSpec().getHostIPC())) {
                why = "not allowed with host ipc enabled";
            }
            if (!why.isEmpty()) {
                return Optional.of(
                        new Rejection("SysctlForbidden", "forbidden sysctl: \"" + sysctl.getName() + "\" " + why));
            }
        }
        return Optional.empty();
    }

    /// A device that nobody here hands out. Upstream would run the pod without it.
    private static Optional<Rejection> device(Pod pod, Place place) {
        return PodView.of(PodTrees.of(pod)).heldRequests().positive().stream()
                .filter(name -> isExtended(name) && !place.allocatable().has(name))
                .findFirst()
                .map(name -> new Rejection(
                        "UnexpectedAdmissionError",
                        "Allocate failed due to no device plugin of this node serves " + name
                                + ", which is unexpected"));
    }

    private static boolean isExtended(String resource) {
        return resource.contains("/")
                && !resource.substring(0, resource.indexOf('/')).endsWith("kubernetes.io");
    }

    /// The number of pods first, then what was named first.
    private static Optional<Rejection> room(Pod pod, List<Pod> others, Place place) {
        Amounts wanted = PodView.of(PodTrees.of(pod)).heldRequests().plus(Amounts.ofTexts(Map.of(PODS, "1")));
        Amounts used = held(others);
        var names = new LinkedHashSet<>(List.of(PODS, CPU, "memory", "ephemeral-storage"));
        names.addAll(wanted.positive());
        for (String name : names) {
            boolean counts = !NATIVE.contains(name) || place.allocatable().has(name);
            if (counts && wanted.get(name).compareTo(Amounts.NONE.get(name)) > 0) {
                Optional<String> shortage = shortage(name, wanted, place.allocatable(), used);
                if (shortage.isPresent()) {
                    return Optional.of(new Rejection("OutOf" + name, shortage.get()));
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<Rejection> predicate(Pod pod, List<Pod> others, Place place) {
        JsonNode tree = PodTrees.of(pod);
        if (!Nodes.areSelected(tree.path("spec"), place.node())) {
            return Optional.of(failed("NodeAffinity", "node(s) didn't match Pod's node affinity/selector"));
        }
        List<HostPort> taken =
                others.stream().flatMap(p -> HostPort.of(p).stream()).toList();
        if (HostPort.of(pod).stream().anyMatch(port -> taken.stream().anyMatch(port::collides))) {
            return Optional.of(failed("NodePorts", "node(s) didn't have free ports for the requested pod ports"));
        }
        if (Nodes.untolerated(tree, place.node())
                .anyMatch(taint -> taint.path("effect").asText().equals("NoExecute"))) {
            return Optional.of(failed("TaintToleration", "node(s) had taints that the pod didn't tolerate"));
        }
        String system = tree.at("/spec/nodeSelector")
                .path(WellKnownKeys.OPERATING_SYSTEM)
                .asText("linux");
        return system.equals("linux")
                        && tree.at("/spec/os/name").asText("linux").equals("linux")
                ? Optional.empty()
                : Optional.of(new Rejection(
                        "PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS"));
    }

    private static Rejection failed(String predicate, String why) {
        return new Rejection(predicate, "Predicate " + predicate + " failed: " + why);
    }

    private static Optional<Rejection> appArmor(Pod pod, Place place) {
        return place.hasAppArmor() || !Features.wantsAppArmor(pod)
                ? Optional.empty()
                : Optional.of(
                        new Rejection("AppArmor", "Cannot enforce AppArmor: AppArmor is not enabled on the host"));
    }

    static Amounts amounts(Map<String, Quantity> quantities) {
        return Amounts.ofTexts(quantities.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().toString())));
    }

    /// What pods hold that have not ended.
    static Amounts held(List<Pod> pods) {
        var held = new ArrayList<Amounts>();
        for (Pod each : pods) {
            PodView pod = PodView.of(PodTrees.of(each));
            if (!pod.isTerminal()) {
                held.add(pod.heldRequests().plus(Amounts.ofTexts(Map.of(PODS, "1"))));
            }
        }
        return Amounts.sum(held);
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
