package io.insula.isolation;

import io.fabric8.kubernetes.api.model.DownwardAPIVolumeFile;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.Volume;
import io.insula.isolation.PodFields.Located;
import io.insula.rules.keys.InsulaKeys;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// A virtual machine whose guest runs the pod's containers. Host namespaces, privileged and the like mean the guest's
/// here, so whether they are allowed is only the profile's level of pod security.
@Singleton
final class KubevirtProfile implements IsolationProfile {

    /// Source: KubeVirt: launcher, libvirt, QEMU and page tables of a machine of a few GiB (some 250 MiB), and 128 MiB
    /// for the guest's own system.
    private static final Sandbox SANDBOX = Sandbox.ofMachines("kubevirt")
            .withOverhead("100m", "384Mi")
            .onNodes(Map.of(InsulaKeys.NODE_POOL, "bare-metal"));

    private static final Set<String> GUEST_RESOURCES = Set.of("cpu", "memory", "ephemeral-storage");
    /// Source: QEMU documentation, machine type `q35`.
    private static final int MOST_CORES = 1024;
    /// What only the host knows once the machine runs, and the guest has no way to ask.
    private static final Set<String> HOST_ONLY_FIELDS =
            Set.of("status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs", "spec.nodeName");

    @Override
    public Sandbox sandbox() {
        return SANDBOX;
    }

    @Override
    public Translation translate(Pod pod, ProfileSettings settings) {
        var security = PodSecurity.of(pod);
        return HostBoundary.common(pod, security, settings)
                .or(() -> HostPorts.NONE.check(pod))
                .or(() -> security.violations(settings.podSecurity()).stream().findFirst())
                .or(() -> inexpressible(pod))
                .or(() -> ResourceChecks.check(pod, settings))
                .map(violation -> Translation.refused(settings.name(), violation))
                .orElseGet(() -> machine(pod, settings));
    }

    private static Translation machine(Pod pod, ProfileSettings settings) {
        var resources = ResourceRules.apply(PodFields.spec(pod), settings);
        var spec = resources.into(PodFields.spec(pod));
        int cores = VirtualMachines.cores(spec);
        if (cores > MOST_CORES) {
            return Translation.refused(
                    settings.name(),
                    new FieldViolation(
                            "spec.containers",
                            cores + " cores are more than a virtual machine has (" + MOST_CORES + ")"));
        }
        var tolerations = Tolerations.narrow(spec, settings);
        var enforced = new PodBuilder(pod)
                .withNewSpecLike(spec)
                .withTolerations(tolerations.tolerations())
                .endSpec()
                .build();
        var notes = Stream.of(
                        settings.priorityClasses().notes(spec),
                        resources.notes(),
                        tolerations.notes(),
                        MachineProbes.notes(spec))
                .flatMap(List::stream)
                .toList();
        return new Translation(settings.name(), VirtualMachines.of(enforced, settings), notes);
    }

    private static Optional<FieldViolation> inexpressible(Pod pod) {
        var spec = PodFields.spec(pod);
        if (spec.getOs() != null && "windows".equals(spec.getOs().getName())) {
            return refuse("spec.os", "the guest that runs containers is Linux");
        }
        if (spec.getActiveDeadlineSeconds() != null) {
            return refuse("spec.activeDeadlineSeconds", "a virtual machine has no deadline");
        }
        if (!spec.getEphemeralContainers().isEmpty()) {
            return refuse("spec.ephemeralContainers", "cannot be added to a virtual machine");
        }
        if (!spec.getReadinessGates().isEmpty()) {
            return refuse("spec.readinessGates", "a virtual machine has no readiness gates");
        }
        if (!spec.getSchedulingGates().isEmpty()) {
            return refuse("spec.schedulingGates", "a virtual machine has no scheduling gates");
        }
        for (int i = 0; i < spec.getVolumes().size(); i++) {
            var volume = spec.getVolumes().get(i);
            if (volume.getEphemeral() != null || volume.getImage() != null) {
                return refuse("spec.volumes[" + i + "]", "volume \"" + volume.getName() + "\" cannot be a disk");
            }
            var amount = containerAmount("spec.volumes[" + i + "]", volume);
            if (amount.isPresent()) {
                return amount;
            }
        }
        return extended("spec", ResourceRules.orEmpty(spec.getResources()))
                .or(() -> MachineProbes.check(pod))
                .or(() -> PodFields.containers(pod).stream()
                        .flatMap(located -> inexpressible(located).stream())
                        .findFirst());
    }

    /// A machine's downward API knows the machine, not the containers in its guest.
    private static Optional<FieldViolation> containerAmount(String path, Volume volume) {
        if (volume.getDownwardAPI() != null) {
            return containerAmount(
                    path + ".downwardAPI", volume.getDownwardAPI().getItems());
        }
        if (volume.getProjected() == null) {
            return Optional.empty();
        }
        var sources = volume.getProjected().getSources();
        return IntStream.range(0, sources.size())
                .filter(i -> sources.get(i).getDownwardAPI() != null)
                .mapToObj(i -> containerAmount(
                        path + ".projected.sources[" + i + "].downwardAPI",
                        sources.get(i).getDownwardAPI().getItems()))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<FieldViolation> containerAmount(String path, List<DownwardAPIVolumeFile> items) {
        return IntStream.range(0, items.size())
                .filter(i -> items.get(i).getResourceFieldRef() != null)
                .mapToObj(i -> new FieldViolation(
                        path + ".items[" + i + "].resourceFieldRef",
                        "a container's amounts are known only in the guest"))
                .findFirst();
    }

    private static Optional<FieldViolation> inexpressible(Located located) {
        var resources = ResourceRules.orEmpty(located.container().getResources());
        return extended(located.path(), resources).or(() -> env(located));
    }

    private static Optional<FieldViolation> extended(String path, ResourceRequirements resources) {
        return extended(path + ".resources.limits", resources.getLimits())
                .or(() -> extended(path + ".resources.requests", resources.getRequests()));
    }

    private static Optional<FieldViolation> extended(String path, Map<String, Quantity> amounts) {
        return amounts.keySet().stream()
                .filter(name -> !GUEST_RESOURCES.contains(name))
                .sorted()
                .findFirst()
                .map(name -> new FieldViolation(
                        path + "[" + name + "]", "devices and huge pages are not passed through to the guest"));
    }

    private static Optional<FieldViolation> env(Located located) {
        List<EnvVar> variables = located.container().getEnv();
        for (int i = 0; i < variables.size(); i++) {
            var source = variables.get(i).getValueFrom();
            if (source != null
                    && source.getFieldRef() != null
                    && HOST_ONLY_FIELDS.contains(source.getFieldRef().getFieldPath())) {
                return refuse(
                        located.path() + ".env[" + i + "].valueFrom.fieldRef",
                        source.getFieldRef().getFieldPath() + " is not known inside the guest");
            }
        }
        return Optional.empty();
    }

    private static Optional<FieldViolation> refuse(String field, String message) {
        return Optional.of(new FieldViolation(field, message));
    }
}
