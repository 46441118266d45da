package io.insula.controlplane.nodes;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.insula.controlplane.nodes.NodeBackEnd.RunningNodes;
import io.insula.controlplane.nodes.NodeBackEnd.Surroundings;
import io.insula.isolation.Profiles;
import io.insula.syncer.engine.Shortcut;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.http.ServerTls;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The node back ends that one start of the service uses. Immutable.
public final class ChosenNodes {

    private static final Logger LOG = LoggerFactory.getLogger(ChosenNodes.class);

    private final List<NodeBackEnd> used;
    private final List<NodeBackEnd> unused;
    private final Profiles profiles;
    private final String note;

    ChosenNodes(List<NodeBackEnd> used, List<NodeBackEnd> unused, Profiles profiles, String note) {
        this.used = List.copyOf(used);
        this.unused = List.copyOf(unused);
        this.profiles = profiles;
        this.note = note;
    }

    /// Of the back ends, in order.
    public List<String> names() {
        return used.stream().map(NodeBackEnd::name).toList();
    }

    /// Why there are no better ones, for people; empty where nothing is to be said.
    public String note() {
        return note;
    }

    /// What works for the nodes beside the host's own controllers, in their manager.
    public List<ControllerFactory> controllers() {
        return used.stream()
                .flatMap(each -> each.controllers(isAlone()).stream())
                .toList();
    }

    /// Starts the nodes, has RuntimeClasses lead to those that can serve them, offers their StorageClasses, and takes
    /// away the nodes of back ends that are no longer used, with what these left running.
    ///
    /// @param folder in which each back end has a folder of its name
    /// @param host with all rights; stays the caller's
    /// @param access a way to the host with the rights of the node of that name
    /// @param shortcut to the same API server
    /// @param servers as in [Surroundings]
    /// @param certificate as in [Surroundings]
    /// @throws RuntimeException where they cannot be started at present; nothing is left half started
    public RunningNodes start(
            Path folder,
            KubernetesClient host,
            Function<String, Config> access,
            Shortcut shortcut,
            Function<String, Optional<InetSocketAddress>> servers,
            BiFunction<String, String, ServerTls> certificate) {
        unused.forEach(each -> each.clear(folder.resolve(each.name())));
        removeNodes(host);
        new StorageOffer(host).offer(used, unused);
        var running = new ArrayDeque<RunningNodes>();
        try {
            var served = new TreeSet<String>();
            for (NodeBackEnd each : used) {
                RunningNodes nodes = each.start(new Surroundings(
                        folder.resolve(each.name()),
                        Map.of(NodeLabels.BACK_END, each.name()),
                        isAlone(),
                        access,
                        shortcut,
                        host,
                        servers,
                        certificate));
                running.add(nodes);
                if (each.isReal()) {
                    served.addAll(nodes.handlers());
                }
            }
            new RuntimePlacement(host, profiles).lead(isAlone() ? Set.of() : unserved(served));
            return new All(running, note);
        } catch (RuntimeException e) {
            new All(running, note).close();
            throw e;
        }
    }

    private boolean isAlone() {
        return used.size() == 1;
    }

    private Set<String> unserved(Set<String> served) {
        return profiles.sandboxes().stream()
                .map(sandbox -> sandbox.handler())
                .filter(handler -> !handler.isEmpty() && !served.contains(handler))
                .collect(Collectors.toSet());
    }

    private void removeNodes(KubernetesClient host) {
        for (Node node : host.nodes().list().getItems()) {
            if (unused.stream().anyMatch(each -> each.owns(node))) {
                LOG.atInfo()
                        .addKeyValue("name", node.getMetadata().getName())
                        .log("removing a node of a back end that is no longer used");
                host.resource(node).delete();
            }
        }
    }

    /// All of them as one.
    private record All(Deque<RunningNodes> parts, String note) implements RunningNodes {

        @Override
        public boolean isReady() {
            return parts.stream().allMatch(RunningNodes::isReady);
        }

        @Override
        public Set<String> real() {
            return parts.stream().flatMap(each -> each.real().stream()).collect(Collectors.toCollection(TreeSet::new));
        }

        @Override
        public String description() {
            return parts.stream().map(RunningNodes::description).collect(Collectors.joining("; "))
                    + (note.isEmpty() ? "" : "; " + note);
        }

        @Override
        public Set<String> handlers() {
            return parts.stream()
                    .flatMap(each -> each.handlers().stream())
                    .collect(Collectors.toCollection(TreeSet::new));
        }

        @Override
        public void close() {
            while (!parts.isEmpty()) {
                try {
                    parts.removeLast().close();
                } catch (RuntimeException e) {
                    LOG.atError().setCause(e).log("nodes did not end cleanly");
                }
            }
        }
    }
}
