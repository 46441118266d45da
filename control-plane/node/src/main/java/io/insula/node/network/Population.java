package io.insula.node.network;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Namespace;
import io.insula.rules.keys.InsulaKeys;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// All pods of the cluster and whose they are. Immutable.
///
/// @param pods in the order of their names; of two with one address only the younger, as the other is about to go
/// @param labels of each namespace
record Population(List<PodFacts> pods, Map<String, PodFacts> byAddress, Map<String, Map<String, String>> labels) {

    static final Population EMPTY = new Population(List.of(), Map.of(), Map.of());

    static Population of(ClusterState state) {
        var tenants = new HashMap<String, String>();
        var labels = new HashMap<String, Map<String, String>>();
        for (Namespace namespace : state.namespaces()) {
            Map<String, String> own = namespace.getMetadata().getLabels();
            String name = namespace.getMetadata().getName();
            labels.put(name, own == null ? Map.of() : own);
            Optional.ofNullable(own)
                    .map(all -> all.get(InsulaKeys.TENANT))
                    .ifPresent(tenant -> tenants.put(name, tenant));
        }
        Map<String, PodFacts> byAddress = state.pods().stream()
                // not known whose they are
                .filter(pod -> labels.containsKey(pod.getMetadata().getNamespace()))
                .flatMap(pod -> PodFacts.of(pod, tenants).stream())
                .collect(Collectors.toMap(PodFacts::address, Function.identity(), Population::younger));
        return new Population(
                byAddress.values().stream()
                        .sorted(Comparator.comparing(PodFacts::namespace).thenComparing(PodFacts::name))
                        .toList(),
                byAddress,
                labels);
    }

    private static PodFacts younger(PodFacts one, PodFacts other) {
        return Comparator.comparing(PodFacts::created)
                                .thenComparing(PodFacts::uid)
                                .compare(one, other)
                        > 0
                ? one
                : other;
    }

    /// Empty for a namespace that is not known yet; an empty name for one of the host's own.
    Optional<String> tenantOf(String namespace) {
        return Optional.ofNullable(labels.get(namespace)).map(own -> own.getOrDefault(InsulaKeys.TENANT, ""));
    }

    /// @param namespace of the policy, whose pods are meant where there is no selector of namespaces
    List<PodFacts> select(@Nullable LabelSelector ofPods, @Nullable LabelSelector ofNamespaces, String namespace) {
        return pods.stream()
                .filter(pod -> ofNamespaces == null
                        ? pod.namespace().equals(namespace)
                        : Selection.matches(ofNamespaces, labels.getOrDefault(pod.namespace(), Map.of())))
                .filter(pod -> ofPods == null || Selection.matches(ofPods, pod.labels()))
                .toList();
    }
}
