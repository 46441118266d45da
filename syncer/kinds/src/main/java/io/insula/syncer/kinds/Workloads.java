package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.insula.syncer.engine.Syncer.Reference;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// What pods and machines name, and where they run.
final class Workloads {

    private Workloads() {}

    /// The host node; empty while there is none, or for another kind of object.
    static String nodeName(HasMetadata workload) {
        return switch (workload) {
            case Pod pod
            when pod.getSpec() != null ->
                Objects.requireNonNullElse(pod.getSpec().getNodeName(), "");
            case GenericKubernetesResource machine ->
                Objects.requireNonNullElse(machine.<String>get("status", "nodeName"), "");
            default -> "";
        };
    }

    /// ConfigMaps, Secrets and claims that a pod names, in the given namespace.
    static Set<Reference> references(Pod pod, String namespace) {
        var found = new HashSet<Reference>();
        if (pod.getSpec() != null) {
            new PodReferences(
                            (kind, name) -> {
                                found.add(new Reference(kind, namespace, name));
                                return name;
                            },
                            Kinds.name(pod))
                    .rewrite(pod.getSpec());
        }
        return found;
    }

    /// ConfigMaps and Secrets that a machine mounts.
    static Set<Reference> references(GenericKubernetesResource machine) {
        var found = new HashSet<Reference>();
        List<Map<String, Object>> volumes = machine.get("spec", "volumes");
        if (volumes != null) {
            for (var volume : volumes) {
                if (volume.get("configMap") instanceof Map<?, ?> source) {
                    found.add(new Reference("ConfigMap", "", String.valueOf(source.get("name"))));
                }
                if (volume.get("secret") instanceof Map<?, ?> source) {
                    found.add(new Reference("Secret", "", String.valueOf(source.get("secretName"))));
                }
            }
        }
        return found;
    }
}
