package io.insula.node.volumes;

import io.fabric8.kubernetes.api.model.EmptyDirVolumeSource;
import io.fabric8.kubernetes.api.model.HostPathVolumeSource;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeSpec;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.node.machine.Trees;
import io.insula.node.pod.DownwardFields.Surroundings;
import io.insula.node.pod.PodFault;
import io.insula.node.pod.PodSources;
import io.insula.node.volumes.AtomicFolder.Content;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The volumes of the pods of a node, below one folder: `UID/volumes/NAME`. Calls for one pod come one
/// after the other; those for different pods from any threads. What is there survives us: a new one finds
/// it.
public final class PodVolumes {

    private static final int EVERYBODY = 0777;
    /// The group may read and write, and what is made inside is the group's: the kubelet's bits for
    /// `fsGroup`.
    private static final int GROUP_FOLDER = 02070;

    private static final int GROUP_FILE = 0060;

    private final Path pods;
    private final PodSources sources;

    /// @param pods made where it is missing
    public PodVolumes(Path pods, PodSources sources) {
        this.pods = pods;
        this.sources = sources;
    }

    /// Makes all volumes of a pod, or brings those up to date whose objects changed; each whole, or as
    /// before.
    ///
    /// @return the folder (or file, for some of the machine's paths) of each by its name
    /// @throws VolumeFault with the kubelet's message for the first that cannot be
    public Map<String, Path> prepare(Pod pod, Surroundings around) {
        var folders = new HashMap<String, Path>();
        for (Volume volume : pod.getSpec().getVolumes()) {
            PersistentVolume bound = Claims.isFor(volume) ? Claims.volume(pod, volume, sources) : null;
            try {
                folders.put(
                        volume.getName(),
                        bound == null ? prepare(pod, volume, around) : persistent(bound, fsGroup(pod)));
            } catch (VolumeFault | IOException e) {
                throw new VolumeFault(
                        "MountVolume.SetUp failed for volume \""
                                + (bound == null
                                        ? volume.getName()
                                        : bound.getMetadata().getName())
                                + "\" : " + e.getMessage(),
                        e);
            }
        }
        return folders;
    }

    private Path prepare(Pod pod, Volume volume, Surroundings around) throws IOException {
        Path folder = folder(pod.getMetadata().getUid()).resolve(volume.getName());
        if (Projection.isFor(volume)) {
            Long group = fsGroup(pod);
            Map<String, Content> files = Projection.files(pod, volume, sources, around);
            AtomicFolder.write(folder, group == null ? files : readable(files));
            own(folder, group);
            return folder;
        }
        if (volume.getEmptyDir() != null) {
            emptyDir(folder, volume.getEmptyDir(), fsGroup(pod));
            return folder;
        }
        if (volume.getHostPath() != null) {
            return hostPath(volume.getHostPath());
        }
        throw new VolumeFault("this node does not serve volumes of the kind " + kind(volume));
    }

    /// Only the folder itself becomes the group's, and with it what is made inside from then on: a
    /// container that has the volume too could put a link to a file of the machine's in the place of one
    /// that we are about to change.
    private static Path persistent(PersistentVolume volume, @Nullable Long group) throws IOException {
        var spec = volume.getSpec();
        if (spec.getHostPath() != null) {
            return hostPath(spec.getHostPath());
        }
        if (spec.getLocal() == null) {
            throw new VolumeFault("this node does not serve volumes of the kind " + source(spec));
        }
        Path folder = Path.of(spec.getLocal().getPath());
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            throw new VolumeFault("path \"" + folder + "\" does not exist");
        }
        if (group != null) {
            Files.setAttribute(folder, "unix:gid", Math.toIntExact(group), LinkOption.NOFOLLOW_LINKS);
            int mode = (int) Files.getAttribute(folder, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 07777;
            Files.setAttribute(folder, "unix:mode", mode | GROUP_FOLDER);
        }
        return folder;
    }

    private static String source(PersistentVolumeSpec spec) {
        if (spec.getCsi() != null) {
            return "csi (" + spec.getCsi().getDriver() + ")";
        }
        return spec.getNfs() == null ? "that its volume has" : "nfs";
    }

    /// A path inside a volume, which may not lead out whoever writes to the volume; made as a folder where
    /// it is not there.
    ///
    /// @param mount of the container, counted: each has a place of its own
    /// @return what to mount
    /// @throws PodFault where it leads out
    public Path subPath(String uid, String container, int mount, Path volume, Path inside) {
        Path target = pods.resolve(uid).resolve("subpaths").resolve(container).resolve(Integer.toString(mount));
        try {
            SubPaths.bind(volume, inside, target);
            return target;
        } catch (IOException e) {
            throw PodFault.config(
                    "failed to prepare subPath for volumeMount of container \"" + container + "\": " + e.getMessage());
        }
    }

    /// Ends all volumes of a pod; what is the machine's own (`hostPath`) stays. Idempotent.
    public void remove(String uid) throws IOException {
        MemoryFolders.unmountBelow(pods.resolve(uid));
        Trees.delete(pods.resolve(uid));
    }

    /// Lets go of all that is mounted below the folder of a node's pods: memory, and paths inside volumes.
    /// Files stay.
    public static void release(Path pods) throws IOException {
        MemoryFolders.unmountBelow(pods);
    }

    /// The uids of all pods that something is here of.
    public List<String> pods() throws IOException {
        if (!Files.isDirectory(pods)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(pods)) {
            return all.map(path -> path.getFileName().toString()).toList();
        }
    }

    /// Where a volume of a pod is, if it is made here.
    public Path folder(String uid, String volume) {
        return folder(uid).resolve(volume);
    }

    /// Ends the volumes of a pod that has ended: nobody reads them any more. Its other files stay. Idempotent.
    public void removeVolumes(String uid) throws IOException {
        MemoryFolders.unmountBelow(pods.resolve(uid));
        Trees.delete(folder(uid));
    }

    private Path folder(String uid) {
        return pods.resolve(uid).resolve("volumes");
    }

    private static void emptyDir(Path folder, EmptyDirVolumeSource source, @Nullable Long group) throws IOException {
        boolean isNew = !Files.isDirectory(folder);
        Files.createDirectories(folder);
        if ("Memory".equals(source.getMedium())) {
            Quantity limit = source.getSizeLimit();
            MemoryFolders.mount(
                    folder, limit == null ? 0 : Quantity.getAmountInBytes(limit).longValue());
        } else if (source.getMedium() != null && !source.getMedium().isEmpty()) {
            throw new VolumeFault("unknown storage medium \"" + source.getMedium() + "\"");
        }
        if (isNew) {
            Files.setAttribute(folder, "unix:mode", EVERYBODY);
            own(folder, group);
        }
    }

    /// Source: Kubernetes, "hostPath volume types".
    private static Path hostPath(HostPathVolumeSource source) throws IOException {
        Path path = Path.of(source.getPath());
        String type = source.getType() == null ? "" : source.getType();
        switch (type) {
            case "" -> {}
            case "DirectoryOrCreate" -> {
                require(!Files.exists(path) || Files.isDirectory(path), path, "is not a directory");
                Files.createDirectories(path);
            }
            case "FileOrCreate" -> {
                require(!Files.exists(path) || Files.isRegularFile(path), path, "is not a file");
                if (!Files.exists(path)) {
                    Files.createFile(path);
                }
            }
            case "Directory" -> require(Files.isDirectory(path), path, "is not a directory");
            case "File" -> require(Files.isRegularFile(path), path, "is not a file");
            default -> throw new VolumeFault("hostPath type check failed: this node does not serve the type " + type);
        }
        return path;
    }

    private static void require(boolean holds, Path path, String otherwise) {
        if (!holds) {
            throw new VolumeFault("hostPath type check failed: " + path + " " + otherwise);
        }
    }

    /// Whoever is in the group reads what the owner reads.
    private static Map<String, Content> readable(Map<String, Content> files) {
        var shared = new TreeMap<String, Content>();
        files.forEach((path, content) ->
                shared.put(path, new Content(content.bytes(), content.mode() | (content.mode() & 0400) >> 3)));
        return shared;
    }

    private static void own(Path folder, @Nullable Long group) throws IOException {
        if (group == null) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.toList()) {
                if (Files.isSymbolicLink(path)) {
                    continue;
                }
                int mode = (int) Files.getAttribute(path, "unix:mode") & 07777;
                Files.setAttribute(path, "unix:gid", Math.toIntExact(group), LinkOption.NOFOLLOW_LINKS);
                boolean projected = Files.isSymbolicLink(folder.resolve("..data"));
                if (!projected) {
                    Files.setAttribute(path, "unix:mode", mode | (Files.isDirectory(path) ? GROUP_FOLDER : GROUP_FILE));
                }
            }
        }
    }

    private static @Nullable Long fsGroup(Pod pod) {
        return pod.getSpec().getSecurityContext() == null
                ? null
                : pod.getSpec().getSecurityContext().getFsGroup();
    }

    private static String kind(Volume volume) {
        Map<?, ?> fields = Serialization.unmarshal(Serialization.asJson(volume), Map.class);
        Iterator<?> names =
                fields.keySet().stream().filter(name -> !name.equals("name")).iterator();
        return names.hasNext() ? String.valueOf(names.next()) : "none";
    }
}
