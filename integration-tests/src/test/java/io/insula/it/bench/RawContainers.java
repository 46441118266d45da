package io.insula.it.bench;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.node.containerd.OwnContainerd;
import io.insula.node.machine.Cgroups;
import io.insula.node.machine.Command;
import io.insula.node.machine.Trees;
import io.insula.node.network.PodNetwork;
import io.insula.node.runtime.ContainerRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The yardstick: containers by `ctr run` with a network by the same CNI plugins as pods have, in a containerd of the
/// same kind beside the node's. `ctr run --cni` itself reads the machine's own configuration, which is not ours to
/// write; so the plugins are called as it calls them, before it.
final class RawContainers implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String NAMESPACE = "insula-bench";
    private static final String SUBNET = "10.212.7.0/24";

    private final Path folder;
    private final String image;
    private final OwnContainerd containerd;
    private final ContainerdTime time;
    private final Path run;
    private final Path end;

    private RawContainers(Path folder, String image, OwnContainerd containerd) throws IOException {
        this.folder = folder;
        this.image = image;
        this.containerd = containerd;
        this.time = ContainerdTime.of(containerd.pid(), folder.resolve("config.toml"));
        this.run = folder.resolve("run.sh");
        this.end = folder.resolve("end.sh");
    }

    /// @param archive of the image
    static RawContainers start(Path folder, Path archive, String image) throws IOException {
        OwnContainerd containerd = OwnContainerd.start(folder, new PodNetwork("insulabenchraw", SUBNET));
        try {
            var raw = new RawContainers(folder, image, containerd);
            raw.prepare(archive);
            return raw;
        } catch (RuntimeException | IOException e) {
            containerd.destroy();
            throw e;
        }
    }

    private void prepare(Path archive) throws IOException {
        Files.createDirectories(logs());
        containerd.access().load(archive);
        Command.succeed(
                PATIENCE,
                List.of(
                        "ctr",
                        "--address",
                        time.socket().toString(),
                        "-n",
                        NAMESPACE,
                        "images",
                        "import",
                        archive.toString()));
        Path cable = folder.resolve("cable.json");
        Files.writeString(cable, cable());
        Path loopback = folder.resolve("loopback.json");
        Files.writeString(loopback, "{\"cniVersion\":\"1.0.0\",\"name\":\"lo\",\"type\":\"loopback\"}");
        String plugins = folder.resolve("plugins").toString();
        String ctr = "ctr --address " + time.socket() + " -n " + NAMESPACE;
        String network = """
                network() {
                  export CNI_COMMAND=$1 CNI_CONTAINERID=$id CNI_NETNS=/run/netns/$id CNI_PATH=%1$s
                  CNI_IFNAME=lo %1$s/loopback <%2$s
                  CNI_IFNAME=eth0 %1$s/ptp <%3$s
                }
                """.formatted(plugins, loopback, cable);
        Files.writeString(run, """
                set -e
                id=$1
                %s
                ip netns add $id
                network ADD
                %s run -d --with-ns network:/run/netns/$id %s $id sleep 1000000
                """.formatted(network, ctr, image));
        Files.writeString(end, """
                id=$1
                %1$s
                %2$s tasks rm -f $id
                %2$s containers rm $id
                network DEL
                ip netns delete $id
                """.formatted(network, ctr));
    }

    /// The node's own kind of cable, as CNI's plugin is told of it alone.
    private String cable() throws IOException {
        Map<?, ?> list = Serialization.unmarshal(
                Files.readString(folder.resolve("net.d").resolve("10-insula.conflist")), Map.class);
        if (!(list.get("plugins") instanceof List<?> plugins && plugins.getFirst() instanceof Map<?, ?> plugin)) {
            throw new IOException("not understood: " + list);
        }
        var cable = new HashMap<Object, Object>(plugin);
        cable.put("cniVersion", list.get("cniVersion"));
        cable.put("name", list.get("name"));
        return Serialization.asJson(cable);
    }

    /// Back once it runs.
    void run(String id) {
        Command.succeed(PATIENCE, List.of("sh", run.toString(), id));
    }

    void end(String id) {
        Command.succeed(PATIENCE, List.of("sh", end.toString(), id));
    }

    /// The same containerd by CRI.
    ContainerRuntime runtime() {
        return containerd.runtime();
    }

    String image() {
        return image;
    }

    /// For the logs of what runs by CRI.
    Path logs() {
        return folder.resolve("logs");
    }

    /// Nanoseconds of processor time so far: of containerd with all below it, and of the commands.
    long cpuNanos() throws IOException {
        return time.nanos()
                + ContainerdTime.nanosOf(ProcessHandle.current().pid())
                - ProcessHandle.current()
                        .info()
                        .totalCpuDuration()
                        .orElse(Duration.ZERO)
                        .toNanos();
    }

    @Override
    public void close() throws IOException {
        containerd.destroy();
        Cgroups.removeEmpty("/" + NAMESPACE);
        Trees.delete(folder);
    }
}
