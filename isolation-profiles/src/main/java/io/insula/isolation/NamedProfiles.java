package io.insula.isolation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Profiles by what they are for, beside those that have a sandbox's name and its defaults: whose workloads they take,
/// and what keeps these apart. A host that is set up gets them, and its superuser changes them as any others. Pure.
final class NamedProfiles {

    /// Everything that a volume of a tenant's can be but somebody else's image.
    private static final List<String> OWN_VOLUMES = List.of(
            "configMap", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret");

    private NamedProfiles() {}

    /// @param sandbox its wire name
    /// @param about one line for people
    private record Named(String name, String sandbox, String about, Map<String, Object> spec) {}

    private static final List<Named> ALL = List.of(
            new Named(
                    "trusted",
                    "runc",
                    "Own teams' workloads: containers on the node's kernel, more than their requests where there is room.",
                    spec("podSecurity", "baseline", "resources", spec("mode", "burstable", "maxRatio", 4))),
            new Named(
                    "sandboxed",
                    "gvisor",
                    "Workloads of others: containers on a kernel of gVisor's, what is reserved is what may be used.",
                    spec("podSecurity", "baseline", "resources", spec("mode", "hard"))),
            new Named(
                    "hardened",
                    "gvisor",
                    "Workloads that need little: a kernel of gVisor's, the restricted level, bounded processes,"
                            + " no sysctls.",
                    spec(
                            "podSecurity",
                            "restricted",
                            "resources",
                            spec("mode", "hard"),
                            "pidsLimit",
                            512,
                            "allowed",
                            spec("volumeTypes", OWN_VOLUMES, "sysctls", List.of()))),
            new Named(
                    "microvm",
                    "kata",
                    "Workloads that need a Linux kernel of their own: a small virtual machine for each pod.",
                    spec("podSecurity", "baseline", "resources", spec("mode", "hard"))),
            new Named(
                    "machine",
                    "kubevirt",
                    "Workloads that are, or need, whole machines: a virtual machine of KubeVirt's for each pod.",
                    spec("podSecurity", "privileged", "resources", spec("mode", "hard"))));

    /// `IsolationProfile` objects, as [HostManifests#profile] makes them, of those whose sandbox there is.
    ///
    /// @param sandboxes that there are
    static List<Map<String, Object>> of(List<Sandbox> sandboxes) {
        var all = new ArrayList<Map<String, Object>>();
        for (var named : ALL) {
            sandboxes.stream()
                    .filter(sandbox -> sandbox.wireName().equals(named.sandbox()))
                    .findFirst()
                    .ifPresent(sandbox -> all.add(profile(named, sandbox)));
        }
        return all;
    }

    private static Map<String, Object> profile(Named named, Sandbox sandbox) {
        var tree = HostManifests.profile(sandbox);
        tree.put("metadata", spec("name", named.name(), "annotations", spec(HostManifests.ABOUT, named.about())));
        var spec = new LinkedHashMap<String, Object>();
        if (tree.get("spec") instanceof Map<?, ?> own) {
            own.forEach((field, value) -> spec.put(String.valueOf(field), value));
        }
        spec.putAll(named.spec());
        tree.put("spec", spec);
        return tree;
    }

    private static Map<String, Object> spec(Object... fieldsAndValues) {
        var spec = new LinkedHashMap<String, Object>();
        for (int i = 0; i < fieldsAndValues.length; i += 2) {
            spec.put(String.valueOf(fieldsAndValues[i]), fieldsAndValues[i + 1]);
        }
        return spec;
    }
}
