package io.insula.node.local;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.insula.node.agent.NodeAgent;
import io.insula.node.agent.NodeLimits;
import io.insula.node.agent.NodeSettings;
import io.insula.node.containerd.ContainerdAccess;
import io.insula.node.containerd.NodeException;
import io.insula.node.containerd.OwnContainerd;
import io.insula.node.machine.Cgroups;
import io.insula.node.machine.Machine;
import io.insula.node.machine.Subnets;
import io.insula.node.network.ApiServers;
import io.insula.node.network.Forwarding;
import io.insula.node.network.NetworkSettings;
import io.insula.node.network.NodeNetwork;
import io.insula.node.network.PodNetwork;
import io.insula.node.pod.NodeFacts;
import io.insula.node.server.NodeServing;
import io.insula.node.storage.LocalProvisioner;
import io.insula.node.storage.VolumeException;
import io.insula.node.storage.VolumeStore;
import io.insula.node.volumes.PodVolumes;
import io.insula.rules.network.AddressBlock;
import io.insula.tenantapi.http.ServerTls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// This machine as one node of a cluster, with all it has below one folder: containerd, network, agent. Thread-safe.
///
/// [#close] ends the node's containers, as a machine that goes down does. A process that is killed leaves them running;
/// the next [#start] in the same folder takes them up, or [#clear] ends them.
public final class LocalNode implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LocalNode.class);
    /// Containers that do not end by themselves when the node goes down are killed after this time.
    private static final Duration GRACE = Duration.ofSeconds(20);
    /// Of the machine's memory, for all that is no pod: this part of it, but no more than so much.
    private static final int KEPT_PART = 4;
    private static final long KEPT_BYTES = 2L << 30;
    /// A node with less runs nothing.
    private static final long LEAST_BYTES = 128L << 20;

    private static final String DOMAIN = "cluster.local";
    /// Source: kubelet, `maxPods`.
    private static final String PODS = "110";

    private final NodeFolder folder;
    private final OwnContainerd containerd;
    private final NodeNetwork network;
    private final Optional<String> closed;
    private final LocalProvisioner provisioner;
    private final NodeAgent agent;

    private LocalNode(
            NodeFolder folder,
            OwnContainerd containerd,
            NodeNetwork network,
            LocalProvisioner provisioner,
            NodeAgent agent) {
        this.folder = folder;
        this.containerd = containerd;
        this.network = network;
        this.closed = Forwarding.obstacle(containerd.network());
        closed.ifPresent(why -> LOG.atWarn().addKeyValue("problem", why).log("pods do not reach the world"));
        this.provisioner = provisioner;
        this.agent = agent;
    }

    /// What the node is called and bears.
    ///
    /// @param labels beside those that every node has
    /// @param share of the machine
    public record Plan(String name, Map<String, String> labels, List<Taint> taints, Share share) {
        public Plan {
            labels = Map.copyOf(labels);
            taints = List.copyOf(taints);
        }

        /// Of the whole machine.
        public Plan(String name, Map<String, String> labels, List<Taint> taints) {
            this(name, labels, taints, Share.WHOLE);
        }
    }

    /// What of the machine a node has to give: several on one machine know nothing of each other's.
    ///
    /// @param processors empty for all
    /// @param memoryBytes empty for what is not kept for all that is no pod
    public record Share(Optional<Integer> processors, Optional<Long> memoryBytes) {
        public static final Share WHOLE = new Share(Optional.empty(), Optional.empty());

        /// @throws NodeException where it is none, or more than the machine has
        void check(int processorsOfAll, long bytesOfAll) {
            processors.filter(some -> some < 1 || some > processorsOfAll).ifPresent(some -> {
                throw new NodeException("processors: " + some + " (expected: 1 to " + processorsOfAll + ")");
            });
            memoryBytes.filter(some -> some < LEAST_BYTES || some > bytesOfAll).ifPresent(some -> {
                throw new NodeException(
                        "memory: " + some + " bytes (expected: " + LEAST_BYTES + " to " + bytesOfAll + ")");
            });
        }
    }

    /// Why this machine cannot be a node, and what to do about it; empty where it can. Changes nothing.
    public static Optional<String> obstacle() {
        return OwnContainerd.obstacle();
    }

    /// Starts the node, or takes up what an earlier run in this folder left running.
    ///
    /// @param home the node's own folder; made where it is missing
    /// @param plan made once containerd runs, as what the node can serve is known only then
    /// @param client with the rights of a node; stays the caller's
    /// @param cluster what its pods' network follows
    /// @throws NodeException where this machine cannot; nothing runs then that did not before
    public static LocalNode start(Path home, Planner plan, KubernetesClient client, Cluster cluster) {
        NodeFolder folder = new NodeFolder(home);
        boolean isNew = !hasLeft(home);
        try {
            PodNetwork pods = network(folder);
            Files.writeString(folder.running(), "");
            OwnContainerd containerd = OwnContainerd.start(folder.containerd(), pods);
            try {
                return start(folder, containerd, plan, client, cluster);
            } catch (RuntimeException | IOException e) {
                giveUp(folder, containerd, isNew, e);
                throw e;
            }
        } catch (IOException e) {
            throw new NodeException("cannot prepare a node in " + home + ": " + e, e);
        }
    }

    /// Leaves what an earlier run left running, and nothing of this one's.
    private static void giveUp(NodeFolder folder, OwnContainerd containerd, boolean isNew, Exception why) {
        if (!isNew) {
            containerd.close();
            return;
        }
        try {
            end(folder, containerd);
        } catch (NodeException e) {
            why.addSuppressed(e);
        }
    }

    /// The network first: no pod starts before the rules that wall it in.
    private static LocalNode start(
            NodeFolder folder, OwnContainerd containerd, Planner plan, KubernetesClient client, Cluster cluster)
            throws IOException {
        PodNetwork pods = containerd.network();
        NodeSettings settings = settings(folder, pods, plan.plan(containerd.handlers()))
                .serving(
                        new NodeServing(pods.machine(), 0, cluster.certificate().apply(pods.machine())));
        var network =
                NodeNetwork.start(new NetworkSettings(pods, List.of(), DOMAIN, cluster.servers()), cluster.client());
        var volumes = new VolumeStore(folder.volumes());
        volumes.mountAll();
        LocalProvisioner provisioner =
                LocalProvisioner.start(cluster.client(), settings.facts().name(), volumes);
        try {
            NodeAgent agent = NodeAgent.start(settings, client, containerd.runtime(), network::announce);
            return new LocalNode(folder, containerd, network, provisioner, agent);
        } catch (RuntimeException e) {
            provisioner.close();
            network.close();
            throw e;
        }
    }

    /// What the node needs of its cluster beside its own rights.
    ///
    /// @param client reads Services, EndpointSlices, pods, namespaces, nodes and policies of the whole cluster, and
    ///     makes volumes for claims, as no node may; stays the caller's
    /// @param servers which pods mean by `kubernetes.default`
    /// @param certificate what the node serves with at that address, and whom it believes
    public record Cluster(KubernetesClient client, ApiServers servers, Function<String, ServerTls> certificate) {}

    /// Says what a node is called and bears.
    @FunctionalInterface
    public interface Planner {

        /// @param handlers the runtimes that its pods can have
        Plan plan(List<String> handlers);
    }

    /// Whether something may run that an earlier run in this folder left, as it was killed.
    public static boolean hasLeft(Path home) {
        return Files.exists(new NodeFolder(home).running());
    }

    /// Ends what an earlier run in this folder left running; nothing where nothing did.
    ///
    /// @throws NodeException where something cannot be ended
    public static void clear(Path home) {
        if (!hasLeft(home)) {
            return;
        }
        NodeFolder folder = new NodeFolder(home);
        try {
            end(folder, OwnContainerd.start(folder.containerd(), network(folder)));
        } catch (IOException e) {
            throw new NodeException("cannot clear " + home + ": " + e, e);
        }
    }

    /// The runtimes that its pods can have.
    public List<String> handlers() {
        return containerd.handlers();
    }

    public boolean isReady() {
        return containerd.isReady();
    }

    /// For people: what runs its pods, and how.
    public String description() {
        return containerd.description() + ": " + String.join(", ", containerd.handlers()) + " ("
                + containerd.gvisor().summary() + ")"
                + closed.map(why -> "; " + why).orElse("");
    }

    /// Puts this machine's busybox into the root of an image to be, under the names of all that it can be.
    ///
    /// @throws NodeException where this machine has none that is statically linked
    public static void addShell(Path root) throws IOException {
        OwnContainerd.addBusybox(root);
    }

    /// A way to the containerd of the node in that folder, which another process may run.
    ///
    /// @throws NodeException where it does not run, or this user may not speak to it
    public static ContainerdAccess access(Path home) {
        return ContainerdAccess.of(new NodeFolder(home).containerd());
    }

    /// Ends the agent, the node's containers, containerd and its network; images and logs stay. Idempotent.
    @Override
    public void close() {
        agent.close();
        provisioner.close();
        network.close();
        end(folder, containerd);
    }

    private static void end(NodeFolder folder, OwnContainerd containerd) {
        containerd.end(GRACE);
        try {
            PodVolumes.release(folder.pods());
            new VolumeStore(folder.volumes()).unmountAll();
            Cgroups.removeEmpty(folder.cgroup());
            Files.deleteIfExists(folder.running());
        } catch (IOException | VolumeException e) {
            throw new NodeException("not all of the node in " + folder.home() + " is gone: " + e, e);
        }
    }

    private static NodeSettings settings(NodeFolder folder, PodNetwork network, Plan plan) throws IOException {
        long memory = Machine.memoryBytes();
        long most = memory - Math.min(memory / KEPT_PART, KEPT_BYTES);
        Share share = plan.share();
        share.check(Machine.processors(), most);
        var facts = new NodeFacts(
                plan.name(),
                // this machine as it and its pods know it, and nobody beyond
                network.machine(),
                List.of(network.machine()),
                DOMAIN,
                memory,
                folder.logs(),
                folder.cgroup());
        var capacity = Map.of(
                "cpu", new Quantity(Integer.toString(share.processors().orElseGet(Machine::processors))),
                "memory", new Quantity(share.memoryBytes().orElse(most) / 1024 + "Ki"),
                "ephemeral-storage", new Quantity(Machine.diskBytes(folder.home()) / 1024 + "Ki"),
                "pods", new Quantity(PODS));
        var labels = new HashMap<>(plan.labels());
        labels.put(PodNetwork.LABEL, network.device());
        return new NodeSettings(facts, labels, plan.taints(), capacity, network.subnet(), folder.pods())
                .limits(NodeLimits.SHARED);
    }

    /// The network is named after the folder, and its addresses are kept as long as nobody else takes them.
    private static PodNetwork network(NodeFolder folder) throws IOException {
        Files.createDirectories(folder.home());
        List<AddressBlock> taken = Machine.routes(folder.device());
        Optional<String> before = folder.subnet();
        if (before.isPresent() && taken.stream().noneMatch(AddressBlock.of(before.get())::overlaps)) {
            return new PodNetwork(folder.device(), before.get());
        }
        String subnet = Subnets.free(folder.number(), taken)
                .orElseThrow(() -> new NodeException(
                        "no addresses are left for pods: this machine's routes take all of 10.128.0.0/10"));
        before.ifPresent(old -> LOG.atWarn()
                .addKeyValue("before", old)
                .addKeyValue("now", subnet)
                .log("somebody else took the addresses of this node's pods"));
        Files.writeString(folder.subnetFile(), subnet + "\n");
        return new PodNetwork(folder.device(), subnet);
    }
}
