package io.insula.isolation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.insula.isolation.HostWorkload.HostVirtualMachine;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Builds the VirtualMachineInstance and what its guest reads at boot.
///
/// Source: KubeVirt user guide, "Virtual machine instances", "Disks and volumes", "Startup scripts" (`kubevirt.io/v1`).
final class VirtualMachines {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ROOT_DISK = "guest-root";
    private static final String BOOT_DISK = "guest-boot";

    private VirtualMachines() {}

    /// @param pod with enforced resources and tolerations
    static HostVirtualMachine of(Pod pod, ProfileSettings settings) {
        var disks = GuestDisks.of(pod);
        var machine = new GenericKubernetesResource();
        machine.setApiVersion("kubevirt.io/v1");
        machine.setKind("VirtualMachineInstance");
        machine.setMetadata(pod.getMetadata());
        machine.setAdditionalProperty("spec", spec(pod, settings, disks));
        return new HostVirtualMachine(machine, guestData(pod, disks));
    }

    private static Map<String, Object> spec(Pod pod, ProfileSettings settings, GuestDisks disks) {
        var spec = PodFields.spec(pod);
        var tree = new LinkedHashMap<String, Object>();
        tree.put("domain", domain(pod, settings, disks));
        tree.put("networks", List.of(Map.of("name", "default", "pod", Map.of())));
        tree.put("volumes", disks.volumes(settings.guestImage(), ROOT_DISK, BOOT_DISK, name(pod)));
        // which KubeVirt gives to the pod that the machine runs in
        tree.put("priorityClassName", settings.priorityClassName(spec));
        put(tree, "hostname", spec.getHostname());
        put(tree, "subdomain", spec.getSubdomain());
        put(tree, "dnsPolicy", spec.getDnsPolicy());
        put(tree, "dnsConfig", spec.getDnsConfig());
        put(tree, "affinity", spec.getAffinity());
        put(tree, "terminationGracePeriodSeconds", spec.getTerminationGracePeriodSeconds());
        put(tree, "nodeSelector", emptyToNull(SandboxedPods.nodeSelector(pod, settings)));
        put(tree, "tolerations", emptyToNull(spec.getTolerations()));
        put(tree, "topologySpreadConstraints", emptyToNull(spec.getTopologySpreadConstraints()));
        MachineProbes.add(spec, tree);
        return tree;
    }

    /// The guest has what its containers may use and what its own system takes. The host reserves what the
    /// containers may use and the whole overhead (the guest's system, the launcher, the emulator), so KubeVirt
    /// is told to add no estimate of its own to the request: that would count it a second time. To the limit it
    /// always adds one.
    ///
    /// Source: KubeVirt user guide, "Node overcommit", "Overcommit the guest overhead".
    private static Map<String, Object> domain(Pod pod, ProfileSettings settings, GuestDisks disks) {
        var spec = PodFields.spec(pod);
        var guest =
                ResourceTotals.limit(spec, "memory").add(settings.guestMemory().getNumericalAmount());
        var reserved = reserved(spec, settings);
        var amounts = Map.of(
                "cpu", reserved.cpu().toString(), "memory", reserved.memory().toString());
        var resources = new LinkedHashMap<String, Object>();
        resources.put("requests", amounts);
        resources.put("limits", amounts);
        resources.put("overcommitGuestOverhead", true);
        var domain = new LinkedHashMap<String, Object>();
        domain.put("cpu", Map.of("cores", cores(spec)));
        domain.put("memory", Map.of("guest", Quantities.of("memory", guest).toString()));
        domain.put("resources", resources);
        domain.put(
                "devices",
                Map.of(
                        "disks", disks.disks(ROOT_DISK, BOOT_DISK),
                        "interfaces", List.of(Map.of("name", "default", "masquerade", Map.of())),
                        "rng", Map.of()));
        return domain;
    }

    /// What a node reserves for the machine of a pod with enforced resources: to the byte what the scheduler counts.
    static Resources reserved(PodSpec spec, ProfileSettings settings) {
        var cpu =
                ResourceTotals.limit(spec, "cpu").add(settings.overhead().cpu().getNumericalAmount());
        var memory = ResourceTotals.limit(spec, "memory")
                .add(settings.overhead().memory().getNumericalAmount());
        return new Resources(Quantities.of("cpu", cpu), Quantities.of("memory", memory));
    }

    /// A guest sees whole cores; the host's CPU limit keeps it to the pod's share of them.
    static int cores(PodSpec spec) {
        return ResourceTotals.limit(spec, "cpu")
                .setScale(0, RoundingMode.CEILING)
                .max(BigDecimal.ONE)
                .min(BigDecimal.valueOf(Integer.MAX_VALUE))
                .intValueExact();
    }

    private static Secret guestData(Pod pod, GuestDisks disks) {
        var guestPod = new PodBuilder(pod)
                .withMetadata(new ObjectMetaBuilder()
                        .withName(name(pod))
                        .withNamespace(pod.getMetadata().getNamespace())
                        .build())
                .editSpec()
                // the guest has no sandbox of its own
                .withOverhead(Map.of())
                .withContainers(withoutProbes(PodFields.spec(pod).getContainers()))
                .withInitContainers(withoutProbes(PodFields.spec(pod).getInitContainers()))
                .endSpec()
                .build();
        var files = Map.of(
                "write_files",
                List.of(
                        file("/etc/insula/pod.json", json(guestPod)),
                        file("/etc/insula/disks.json", json(disks.serials()))));
        return new SecretBuilder()
                .withMetadata(pod.getMetadata())
                .withType("Opaque")
                // JSON is YAML, which is what cloud-init reads
                .addToStringData("userdata", "#cloud-config\n" + json(files))
                .build();
    }

    /// They are the machine's.
    private static List<Container> withoutProbes(List<Container> containers) {
        return containers.stream()
                .map(container -> new ContainerBuilder(container)
                        .withLivenessProbe(null)
                        .withReadinessProbe(null)
                        .build())
                .toList();
    }

    private static Map<String, Object> file(String path, String content) {
        var file = new LinkedHashMap<String, Object>();
        file.put("path", path);
        file.put("permissions", "0600");
        file.put("content", content);
        return file;
    }

    private static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a pod that cannot be written as JSON", e);
        }
    }

    private static String name(Pod pod) {
        return pod.getMetadata().getName();
    }

    private static void put(Map<String, Object> tree, String field, @Nullable Object value) {
        if (value != null) {
            tree.put(field, value);
        }
    }

    private static @Nullable Object emptyToNull(Object collection) {
        return switch (collection) {
            case Map<?, ?> map when map.isEmpty() -> null;
            case List<?> list when list.isEmpty() -> null;
            default -> collection;
        };
    }
}
