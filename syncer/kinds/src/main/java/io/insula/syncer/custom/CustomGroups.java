package io.insula.syncer.custom;

import java.util.List;
import java.util.Map;
import java.util.Optional;

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

    private CustomGroups() {}

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
