package io.insula.isolation;

import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;

/// What a VirtualMachineInstance on the host must look like under a `kubevirt` profile, in CEL: what [VirtualMachines]
/// writes and what KubeVirt's own defaulting adds to it, and no device, file or network of the node.
///
/// Source: KubeVirt API reference, `kubevirt.io/v1` VirtualMachineInstanceSpec.
final class HostMachineRules {

    private static final Set<String> SPEC = Set.of(
            "affinity",
            "architecture",
            "dnsConfig",
            "dnsPolicy",
            "domain",
            "evictionStrategy",
            "hostname",
            "livenessProbe",
            "networks",
            "nodeSelector",
            "priorityClassName",
            "readinessProbe",
            "startStrategy",
            "subdomain",
            "terminationGracePeriodSeconds",
            "tolerations",
            "topologySpreadConstraints",
            "volumes");
    private static final Set<String> DOMAIN =
            Set.of("chassis", "clock", "cpu", "devices", "features", "firmware", "machine", "memory", "resources");
    private static final Set<String> DEVICES = Set.of(
            "autoattachGraphicsDevice",
            "autoattachInputDevice",
            "autoattachMemBalloon",
            "autoattachPodInterface",
            "autoattachSerialConsole",
            "autoattachVSOCK",
            "blockMultiQueue",
            "disks",
            "inputs",
            "interfaces",
            "logSerialConsole",
            "networkInterfaceMultiqueue",
            "rng",
            "useVirtioTransitional");
    private static final Set<String> DISK =
            Set.of("blockSize", "bootOrder", "cache", "cdrom", "dedicatedIOThread", "disk", "io", "name", "serial");
    private static final Set<String> INTERFACE = Set.of("macAddress", "masquerade", "model", "name", "ports");
    private static final Set<String> NETWORK = Set.of("name", "pod");
    private static final Set<String> VOLUME = Set.of(
            "cloudInitNoCloud", "configMap", "containerDisk", "downwardAPI", "name", "persistentVolumeClaim", "secret");

    private HostMachineRules() {}

    static SequencedMap<String, String> variables() {
        return Cel.named(
                "spec", "dyn(object).spec",
                "domain", "variables.spec.domain",
                "devices", "variables.domain.?devices.orValue({})");
    }

    static List<HostRule> of(ProfileSettings settings, HostFacts facts) {
        var rules = new ArrayList<HostRule>();
        rules.add(HostRule.known("spec", "variables.spec", SPEC));
        rules.add(HostRule.known("spec.domain", "variables.domain", DOMAIN));
        rules.add(HostRule.known("spec.domain.devices", "variables.devices", DEVICES));
        rules.add(each("spec.domain.devices.disks", "variables.devices.?disks.orValue([])", DISK));
        rules.add(each("spec.domain.devices.interfaces", "variables.devices.?interfaces.orValue([])", INTERFACE));
        rules.add(each("spec.networks", "variables.spec.?networks.orValue([])", NETWORK));
        rules.add(each("spec.volumes", "variables.spec.?volumes.orValue([])", VOLUME));
        for (var name : List.of("cpu", "memory")) {
            rules.add(HostRule.of(
                    "spec.domain.resources.limits." + name,
                    "must be set, and more than nothing",
                    "variables.domain.?resources.limits[?\"" + name + "\"].hasValue() && quantity(string("
                            + "variables.domain.resources.limits[\"" + name + "\"])).isGreaterThan(quantity(\"0\"))"));
        }
        rules.addAll(settings.limitRange().ofMachines(settings.overhead()));
        rules.addAll(settings.allowances().ofMachines());
        rules.addAll(HostPodRules.placement("variables.spec", settings, facts));
        return List.copyOf(rules);
    }

    private static HostRule each(String field, String list, Set<String> keys) {
        return HostRule.knownInEach(field, list, keys);
    }
}
