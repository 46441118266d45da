package io.insula.node.pod;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.insula.node.runtime.ContainerSpec;
import io.insula.node.runtime.ContainerSpec.Mount;
import io.insula.node.runtime.ContainerSpec.Propagation;
import io.insula.node.runtime.Images.Image;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// From a container of a pod to what the runtime is asked for. Stateless; `sources` are asked.
public final class ContainerSpecs {

    private static final String HOSTS = "/etc/hosts";
    private static final String TERMINATION_MESSAGE = "/dev/termination-log";

    private ContainerSpecs() {}

    /// What the machine holds for one container.
    ///
    /// @param volumes folder of each volume of the pod
    /// @param hosts the pod's `/etc/hosts`
    /// @param termination where the container says why it ended
    /// @param subPaths finds what is inside of a volume
    public record Files(Map<String, Path> volumes, Path hosts, Path termination, SubPaths subPaths) {
        public Files {
            volumes = Map.copyOf(volumes);
        }
    }

    /// Where a path inside a volume is, wherever the links lead that containers have put there.
    @FunctionalInterface
    public interface SubPaths {
        /// @param mount of the container, counted
        /// @throws PodFault where it leads out of the volume
        Path of(Path volume, Path inside, int mount);
    }

    /// @param attempt how many of this name the pod had before
    /// @throws PodFault saying in the kubelet's words what cannot be made
    public static ContainerSpec of(
            Pod pod,
            Container container,
            int attempt,
            Image image,
            Files files,
            PodSources sources,
            DownwardFields.Surroundings around,
            NodeFacts node) {
        Map<String, String> env = Environment.of(pod, container, sources, around);
        var labels = new LinkedHashMap<>(SandboxSpecs.identity(pod, node));
        labels.put(Labels.CONTAINER, container.getName());
        return new ContainerSpec(
                container.getName(),
                attempt,
                image.id(),
                container.getImage(),
                expanded(container.getCommand(), env),
                expanded(container.getArgs(), env),
                container.getWorkingDir() == null ? "" : container.getWorkingDir(),
                env,
                mounts(pod, container, env, files),
                labels,
                Map.of(),
                container.getName() + "/" + attempt + ".log",
                Boolean.TRUE.equals(container.getStdin()),
                Boolean.TRUE.equals(container.getStdinOnce()),
                Boolean.TRUE.equals(container.getTty()),
                Resourcing.of(pod, container, node.machineBytes()),
                SecuritySpecs.of(pod, container, image),
                SandboxSpecs.namespaces(pod),
                "");
    }

    private static List<String> expanded(List<String> words, Map<String, String> env) {
        return words.stream().map(word -> Expansion.expand(word, env)).toList();
    }

    private static List<Mount> mounts(Pod pod, Container container, Map<String, String> env, Files files) {
        var mounts = new ArrayList<Mount>();
        for (VolumeMount mount : container.getVolumeMounts()) {
            Path volume = files.volumes().get(mount.getName());
            if (volume == null) {
                throw PodFault.config("cannot find volume \"" + mount.getName() + "\" to mount into container \""
                        + container.getName() + "\"");
            }
            mounts.add(new Mount(
                    mount.getMountPath(),
                    subPath(volume, mount, env, files.subPaths(), mounts.size()),
                    Boolean.TRUE.equals(mount.getReadOnly()) || isReadOnly(pod, mount.getName()),
                    propagation(mount.getMountPropagation())));
        }
        boolean hasHosts = mounts.stream().anyMatch(mount -> mount.container().equals(HOSTS));
        if (!hasHosts && !Boolean.TRUE.equals(pod.getSpec().getHostNetwork())) {
            mounts.add(new Mount(HOSTS, files.hosts(), false, Propagation.PRIVATE));
        }
        String message = container.getTerminationMessagePath();
        mounts.add(new Mount(
                message == null || message.isEmpty() ? TERMINATION_MESSAGE : message,
                files.termination(),
                false,
                Propagation.PRIVATE));
        return mounts;
    }

    /// Whether the pod has claimed that volume only to read it.
    private static boolean isReadOnly(Pod pod, String volume) {
        return pod.getSpec().getVolumes().stream()
                .filter(each -> each.getName().equals(volume) && each.getPersistentVolumeClaim() != null)
                .anyMatch(each ->
                        Boolean.TRUE.equals(each.getPersistentVolumeClaim().getReadOnly()));
    }

    /// @throws PodFault for a path out of the volume
    private static Path subPath(Path volume, VolumeMount mount, Map<String, String> env, SubPaths subPaths, int index) {
        String path = mount.getSubPath() == null ? "" : mount.getSubPath();
        if (mount.getSubPathExpr() != null && !mount.getSubPathExpr().isEmpty()) {
            path = Expansion.expand(mount.getSubPathExpr(), env);
        }
        if (path.isEmpty()) {
            return volume;
        }
        Path inside = volume.resolve(path).normalize();
        if (path.startsWith("/") || !inside.startsWith(volume) || Path.of(path).startsWith("..")) {
            throw PodFault.config("failed to prepare subPath for volumeMount \"" + mount.getName() + "\" of container: "
                    + path + " leads out of the volume");
        }
        return inside.equals(volume) ? volume : subPaths.of(volume, volume.relativize(inside), index);
    }

    private static Propagation propagation(@Nullable String name) {
        return switch (name == null ? "None" : name) {
            case "HostToContainer" -> Propagation.HOST_TO_CONTAINER;
            case "Bidirectional" -> Propagation.BIDIRECTIONAL;
            default -> Propagation.PRIVATE;
        };
    }
}
