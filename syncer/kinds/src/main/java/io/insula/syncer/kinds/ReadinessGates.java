package io.insula.syncer.kinds;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodReadinessGate;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.Trees;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// Readiness gates: conditions of a pod that the tenant's own controllers set. The host pod has the same gates under
/// names of ours, and gets the tenant's conditions, so that the kubelet computes `Ready` and the host's Services send
/// traffic only to pods that the tenant calls ready. No condition that means something to the host's controllers can
/// be set in this way.
///
/// Source: Kubernetes documentation, "Pod Lifecycle", "Pod readiness".
final class ReadinessGates {

    private ReadinessGates() {}

    static List<String> types(Pod pod) {
        return pod.getSpec().getReadinessGates().stream()
                .map(PodReadinessGate::getConditionType)
                .filter(Objects::nonNull)
                .toList();
    }

    static List<String> hostTypes(Pod tenant) {
        return types(tenant).stream().map(NameMap::hostLabel).toList();
    }

    /// A text of the host that names gates.
    static String inTenantsNames(Pod tenant, String text) {
        var told = text;
        for (var type : types(tenant)) {
            told = told.replace(NameMap.hostLabel(type), type);
        }
        return told;
    }

    static List<PodReadinessGate> onHost(Pod tenant) {
        return hostTypes(tenant).stream().map(PodReadinessGate::new).toList();
    }

    /// Patch of the host pod's status; empty where it has what the tenant's has.
    static Optional<ObjectNode> patch(Pod tenant, Pod host) {
        var patch = Trees.object();
        var conditions = Conditions.none(patch.putObject("status"));
        for (var type : types(tenant)) {
            var hostType = NameMap.hostLabel(type);
            var wanted = status(tenant, type);
            if (types(host).contains(hostType) && !wanted.equals(status(host, hostType))) {
                var condition = conditions.add(hostType, wanted);
                condition(tenant, type)
                        .map(PodCondition::getLastTransitionTime)
                        .ifPresent(since -> condition.put("lastTransitionTime", since));
            }
        }
        return conditions.list().isEmpty() ? Optional.empty() : Optional.of(patch);
    }

    private static String status(Pod pod, String type) {
        return condition(pod, type).map(PodCondition::getStatus).orElse("Unknown");
    }

    private static Optional<PodCondition> condition(Pod pod, String type) {
        return pod.getStatus() == null
                ? Optional.empty()
                : pod.getStatus().getConditions().stream()
                        .filter(each -> type.equals(each.getType()))
                        .findFirst();
    }
}
