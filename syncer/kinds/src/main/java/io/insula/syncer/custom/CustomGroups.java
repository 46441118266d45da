package io.insula.syncer.custom;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// API groups that no rule may open, each with those below it, and why. Pure.
final class CustomGroups {

    private static final Map<String, String> CLOSED = Map.ofEntries(
            Map.entry("k8s.io", "is Kubernetes' own"),
            Map.entry("kubernetes.io", "is Kubernetes' own"),
            Map.entry("insula.io", "is Insula's own"),
            Map.entry("kubevirt.io", "is how isolation profiles run machines"),
            Map.entry("cilium.io", "opens the wall between tenants' networks"),
            Map.entry("projectcalico.org", "opens the wall between tenants' networks"),
            Map.entry("antrea.io", "opens the wall between tenants' networks"),
            Map.entry("ovn.org", "opens the wall between tenants' networks"),
            Map.entry("kyverno.io", "changes what the host cluster admits"),
            Map.entry("gatekeeper.sh", "changes what the host cluster admits"));

    /// Of closed groups, the kinds that describe what the host offers and nothing of any tenant: those may be shown.
    ///
    /// Source: Kubernetes documentation, "Volume Snapshot Classes"; Gateway API, "GatewayClass".
    private static final Set<String> SHOWN =
            Set.of("volumesnapshotclasses.snapshot.storage.k8s.io", "gatewayclasses.gateway.networking.k8s.io");

    private CustomGroups() {}

    /// Why a rule may not show the objects of a kind; empty where it may.
    static Optional<String> objectionToShow(String group, String plural) {
        return SHOWN.contains(plural + "." + group) ? Optional.empty() : objection(group);
    }

    /// Why a rule may not send the objects of a kind; empty where it may.
    static Optional<String> objectionToSend(String group, String plural) {
        return KnownKinds.has(group, plural) ? Optional.empty() : objection(group);
    }

    /// Why a group is closed; empty where a rule may name it.
    static Optional<String> objection(String group) {
        if (!group.contains(".")) {
            return Optional.of("is Kubernetes' own");
        }
        return CLOSED.entrySet().stream()
                .filter(each -> group.equals(each.getKey()) || group.endsWith("." + each.getKey()))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    static List<String> closed() {
        return CLOSED.keySet().stream().sorted().toList();
    }
}
