package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClass;
import io.insula.isolation.Sandbox.Form;
import io.insula.rules.keys.InsulaKeys;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/// Whether a host can run the pods of a profile, and which of its nodes: told before a pod comes. Pure.
public sealed interface Serving {

    /// Nothing that is to be served was found to be missing.
    ///
    /// @param nodes names of those that can, sorted; at least one
    record Served(List<String> nodes) implements Serving {
        public Served {
            nodes = List.copyOf(nodes);
        }
    }

    /// It cannot.
    ///
    /// @param reason one CamelCase word
    record NotServed(String reason, String message) implements Serving {}

    /// What of a host matters here.
    ///
    /// @param machines whether it serves VirtualMachineInstances
    /// @param priorityClasses their names
    record Host(
            boolean machines,
            Collection<RuntimeClass> runtimeClasses,
            Collection<String> priorityClasses,
            Collection<Node> nodes) {}

    /// The host has not got what the profile's sandbox is made of.
    String SANDBOX_MISSING = "SandboxMissing";

    String NO_MACHINES =
            "the shared cluster does not serve VirtualMachineInstances (kubevirt.io): install KubeVirt there";

    /// It has not got a PriorityClass that the profile gives, so that nothing can be like it.
    String PRIORITY_CLASS_MISSING = "PriorityClassMissing";

    /// It has, and no node that its pods may run on.
    String NO_NODES = "NoNodes";

    /// KubeVirt's own mark of nodes that it can start machines on.
    ///
    /// Source: KubeVirt user guide, "Node assignment".
    Map<String, String> MACHINE_NODES = Map.of("kubevirt.io/schedulable", "true");

    /// What the launchers of simulated machines tolerate wherever they are.
    List<Toleration> MACHINE_TOLERATIONS =
            List.of(new Toleration("NoSchedule", InsulaKeys.SIMULATED, "Exists", null, null));

    static Serving of(ProfileSettings profile, Host host) {
        var named = host.runtimeClasses().stream()
                .filter(each ->
                        profile.runtimeClassName().equals(each.getMetadata().getName()))
                .findFirst();
        var missing = missing(profile, host.machines(), named.isPresent());
        if (missing.isPresent()) {
            return new NotServed(SANDBOX_MISSING, missing.get());
        }
        var lacking = profile.priorityClassNames().values().stream()
                .filter(name -> !name.isEmpty() && !host.priorityClasses().contains(name))
                .sorted()
                .findFirst();
        if (lacking.isPresent()) {
            return new NotServed(
                    PRIORITY_CLASS_MISSING,
                    "the shared cluster has no PriorityClass \"" + lacking.get() + "\", which the profile gives");
        }
        boolean machine = profile.sandbox().form() == Form.MACHINE;
        var labels = new TreeMap<>(machine ? MACHINE_NODES : Map.of());
        var tolerated = machine ? MACHINE_TOLERATIONS : List.<Toleration>of();
        var scheduling = named.map(RuntimeClass::getScheduling).orElse(null);
        if (scheduling != null) {
            labels.putAll(Objects.requireNonNullElse(scheduling.getNodeSelector(), Map.of()));
            tolerated = Objects.requireNonNullElse(scheduling.getTolerations(), List.of());
        }
        var added = tolerated;
        var nodes = host.nodes().stream()
                .filter(node -> NodeFit.fits(node, profile, labels, added))
                .map(node -> node.getMetadata().getName())
                .sorted()
                .toList();
        labels.putAll(profile.nodePool().selector());
        return nodes.isEmpty()
                ? new NotServed(
                        NO_NODES,
                        "no node of the shared cluster can run its pods"
                                + (labels.isEmpty() ? "" : ": they ask for the labels " + written(labels))
                                + (host.nodes().isEmpty() ? "; it has no nodes" : ""))
                : new Served(nodes);
    }

    /// What the host lacks of the profile's sandbox; empty for nothing.
    ///
    /// @param machines whether the host serves VirtualMachineInstances
    /// @param runtimeClass whether it has the profile's RuntimeClass
    static Optional<String> missing(ProfileSettings profile, boolean machines, boolean runtimeClass) {
        if (profile.sandbox().form() == Form.MACHINE) {
            return machines ? Optional.empty() : Optional.of(NO_MACHINES);
        }
        return profile.runtimeClassName().isEmpty() || runtimeClass
                ? Optional.empty()
                : Optional.of("the shared cluster has no RuntimeClass \"" + profile.runtimeClassName()
                        + "\": install the sandbox there");
    }

    private static String written(Map<String, String> labels) {
        return labels.entrySet().stream()
                .map(each -> each.getKey() + "=" + each.getValue())
                .reduce((a, b) -> a + "," + b)
                .orElse("");
    }
}
