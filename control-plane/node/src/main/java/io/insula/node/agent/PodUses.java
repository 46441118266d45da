package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.insula.node.eviction.PodUse;
import io.insula.node.machine.Cgroups;
import io.insula.node.machine.DiskUse;
import io.insula.node.pod.Labels;
import io.insula.node.pod.SandboxSpecs;
import io.insula.node.runtime.ContainerUsage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Measures what pods take. Stateless.
final class PodUses {

    private static final Duration LONGEST = Duration.ofSeconds(30);

    private final NodeContext node;

    PodUses(NodeContext node) {
        this.node = node;
    }

    /// One pod and what it takes.
    ///
    /// @param volumes bytes of each disk volume of its own that could be measured
    record Measured(Pod pod, PodUse use, Map<String, Long> volumes) {}

    List<Measured> of(List<Pod> pods) throws IOException {
        Map<String, List<ContainerUsage>> usage = new HashMap<>();
        for (ContainerUsage each : node.runtime().usage()) {
            usage.computeIfAbsent(each.labels().getOrDefault(Labels.POD_UID, ""), _ -> new ArrayList<>())
                    .add(each);
        }
        Map<Path, Long> disks = DiskUse.of(
                pods.stream().flatMap(pod -> folders(pod).values().stream()).toList(), LONGEST);
        var all = new ArrayList<Measured>();
        for (Pod pod : pods) {
            var volumes = new HashMap<String, Long>();
            folders(pod).forEach((name, folder) -> {
                if (disks.containsKey(folder)) {
                    volumes.put(name, disks.get(folder));
                }
            });
            all.add(new Measured(
                    pod, use(pod, usage.getOrDefault(pod.getMetadata().getUid(), List.of()), volumes), volumes));
        }
        return all;
    }

    private PodUse use(Pod pod, List<ContainerUsage> usage, Map<String, Long> volumes) throws IOException {
        var parts = new ArrayList<PodUse.Part>();
        for (Container container : Stream.concat(
                        pod.getSpec().getContainers().stream(), pod.getSpec().getInitContainers().stream())
                .toList()) {
            List<ContainerUsage> own = usage.stream()
                    .filter(each -> each.name().equals(container.getName()))
                    .toList();
            parts.add(new PodUse.Part(
                    container.getName(),
                    own.stream().mapToLong(ContainerUsage::workingSetBytes).sum(),
                    request(container, "memory"),
                    own.stream().mapToLong(ContainerUsage::writtenBytes).sum() + logs(pod, container),
                    request(container, "ephemeral-storage")));
        }
        Integer priority = pod.getSpec().getPriority();
        return new PodUse(
                pod.getMetadata().getUid(),
                priority == null ? 0 : priority,
                !usage.isEmpty(),
                parts,
                volumes.values().stream().mapToLong(each -> each).sum(),
                Cgroups.processes(SandboxSpecs.cgroup(pod, node.settings().facts())));
    }

    private static long request(Container container, String resource) {
        if (container.getResources() == null) {
            return 0;
        }
        Quantity request = container.getResources().getRequests().get(resource);
        return request == null ? 0 : Quantity.getAmountInBytes(request).longValue();
    }

    private long logs(Pod pod, Container container) throws IOException {
        Path folder = SandboxSpecs.logs(pod, node.settings().facts()).resolve(container.getName());
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        long bytes = 0;
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                bytes += Files.exists(file) ? Files.size(file) : 0;
            }
        }
        return bytes;
    }

    /// Of its own disk volumes.
    private Map<String, Path> folders(Pod pod) {
        var folders = new HashMap<String, Path>();
        for (Volume volume : pod.getSpec().getVolumes()) {
            if (volume.getEmptyDir() != null
                    && (volume.getEmptyDir().getMedium() == null
                            || volume.getEmptyDir().getMedium().isEmpty())) {
                folders.put(
                        volume.getName(),
                        node.volumes().folder(pod.getMetadata().getUid(), volume.getName()));
            }
        }
        return folders;
    }
}
