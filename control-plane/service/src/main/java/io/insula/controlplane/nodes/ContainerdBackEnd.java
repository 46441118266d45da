package io.insula.controlplane.nodes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.insula.host.simulation.SimulatedNodes;
import io.insula.node.client.NodeClients;
import io.insula.node.containerd.ContainerdAccess;
import io.insula.node.containerd.NodeException;
import io.insula.node.image.ImageSpec;
import io.insula.node.local.LocalNode;
import io.insula.node.machine.Machine;
import io.insula.node.runtime.Images.Image;
import io.insula.syncer.engine.Connections;
import io.insula.tenantapi.controllers.ControllerFactory;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;

/// This machine itself as a node: pods are containers in a containerd of our own, under runc, gVisor and, where its
/// shim is installed, Kata Containers.
@Singleton
final class ContainerdBackEnd implements NodeBackEnd {

    @Override
    public String name() {
        return "containerd";
    }

    @Override
    public boolean isReal() {
        return true;
    }

    @Override
    public Optional<String> obstacle() {
        return LocalNode.obstacle();
    }

    @Override
    public Optional<String> storageClass() {
        return Optional.of("local");
    }

    /// It cannot run virtual machines, and says so by leaving them unscheduled; beside others these say it.
    @Override
    public List<ControllerFactory> controllers(boolean alone) {
        return alone ? SimulatedNodes.machinesAlone() : List.of();
    }

    @Override
    public RunningNodes start(Surroundings around) {
        String name = Machine.name();
        KubernetesClient client =
                Connections.open(NodeClients.impatient(around.access().apply(name)), around.shortcut());
        try {
            LocalNode node = LocalNode.start(
                    around.folder(),
                    handlers ->
                            new LocalNode.Plan(name, NodeLabels.ofThisMachine(around.labels(), handlers), List.of()),
                    client,
                    new LocalNode.Cluster(
                            around.host(),
                            around.servers()::apply,
                            address -> around.certificate().apply(name, address)));
            return new Running(name, node, client);
        } catch (RuntimeException e) {
            client.close();
            throw e;
        }
    }

    @Override
    public boolean hasLeft(Path folder) {
        return LocalNode.hasLeft(folder);
    }

    @Override
    public void clear(Path folder) {
        LocalNode.clear(folder);
    }

    @Override
    public Optional<NodeAccess> access(Path folder) {
        return Optional.of(new Access(failing(() -> LocalNode.access(folder))));
    }

    private static <T> T failing(Callable<T> work) {
        try {
            return work.call();
        } catch (RuntimeException e) {
            throw e instanceof NodeException ? new NodeAccess.Failure(String.valueOf(e.getMessage()), e) : e;
        } catch (Exception e) {
            throw new NodeAccess.Failure(e.toString(), e);
        }
    }

    private record Access(ContainerdAccess containerd) implements NodeAccess {

        @Override
        public List<Image> images() {
            return failing(containerd::list);
        }

        @Override
        public List<String> load(Path archive) {
            return failing(() -> containerd.load(archive));
        }

        @Override
        public String build(Path folder, ImageSpec spec) {
            return failing(() -> containerd.build(folder, spec));
        }

        @Override
        public void addShell(Path root) {
            var _ = failing(() -> {
                LocalNode.addShell(root);
                return root;
            });
        }

        @Override
        public String exec(String container, List<String> command, Duration within) {
            return failing(() -> containerd.exec(container, command, within));
        }

        @Override
        public void close() {
            containerd.close();
        }
    }

    private record Running(String name, LocalNode node, KubernetesClient client) implements RunningNodes {

        @Override
        public boolean isReady() {
            return node.isReady();
        }

        @Override
        public Set<String> real() {
            return Set.of(name);
        }

        @Override
        public String description() {
            return name + " by " + node.description();
        }

        @Override
        public Set<String> handlers() {
            return Set.copyOf(node.handlers());
        }

        @Override
        public void close() {
            node.close();
            client.close();
        }
    }
}
