package io.insula.controlplane.nodes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.insula.host.simulation.SimulatedNodes;
import io.insula.node.client.NodeClients;
import io.insula.node.local.LocalNode;
import io.insula.node.machine.Machine;
import io.insula.tenantapi.controllers.ControllerFactory;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

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
        KubernetesClient client = new KubernetesClientBuilder()
                .withConfig(NodeClients.impatient(around.access().apply(name)))
                .build();
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

    private record Running(String name, LocalNode node, KubernetesClient client) implements RunningNodes {

        @Override
        public boolean isReady() {
            return node.isReady();
        }

        @Override
        public boolean isReal() {
            return true;
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
