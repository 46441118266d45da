package io.insula.controlplane.nodes;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.insula.syncer.engine.Shortcut;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.http.ServerTls;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;

/// Gives the embedded host its nodes. A port: each implementation is a package-private singleton in a file of its own,
/// and nothing else names it. Virtual Kubelet calls the like a provider.
///
/// What works for its nodes inside the host's API server are [#controllers]; what works outside, as a kubelet does, is
/// begun by [#start].
public interface NodeBackEnd {

    /// A lower-case word, like no other's: what `up --nodes` takes.
    String name();

    /// Whether containers really run on its nodes.
    default boolean isReal() {
        return false;
    }

    /// Why this machine cannot have such nodes, and what to do about it; empty where it can. Changes nothing.
    default Optional<String> obstacle() {
        return Optional.empty();
    }

    /// What works for its nodes beside the host's own controllers, in their manager.
    ///
    /// @param alone whether no other back end's nodes stand beside them
    default List<ControllerFactory> controllers(boolean alone) {
        return List.of();
    }

    /// The StorageClass of its nodes' own volumes: the name of a manifest in `deploy/storageclasses`.
    default Optional<String> storageClass() {
        return Optional.empty();
    }

    /// Begins what works outside the API server; called when that answers and the host is set up. Takes up what an
    /// earlier run left running.
    ///
    /// @throws RuntimeException where it cannot at present: it is called again then
    RunningNodes start(Surroundings around);

    /// Whether an earlier run may have left something running on this machine, as it was killed. Cheap.
    ///
    /// @param folder as in [Surroundings]
    default boolean hasLeft(Path folder) {
        return false;
    }

    /// Ends what an earlier run left running on this machine, as it was killed; nothing where nothing did.
    ///
    /// @param folder as in [Surroundings]
    default void clear(Path folder) {}

    /// A way to its nodes on this machine, past the API server, which the caller closes; empty where nothing runs on
    /// them.
    ///
    /// @param folder as in [Surroundings]
    /// @throws NodeAccess.Failure where they do not run, or this user may not use them
    default Optional<NodeAccess> access(Path folder) {
        return Optional.empty();
    }

    /// Whether a node of the host's is of this back end; it goes when the back end is no longer used.
    default boolean owns(Node node) {
        return name().equals(node.getMetadata().getLabels().get(NodeLabels.BACK_END));
    }

    /// What the nodes need of the host.
    ///
    /// @param folder of this back end alone; lasts
    /// @param labels that each of its nodes bears
    /// @param alone whether no other back end's nodes stand beside them
    /// @param access a way to the API server with the rights of the node of that name, and no others
    /// @param shortcut to the same API server
    /// @param host with all rights, for what no node may; stays the caller's
    /// @param servers where the API server of a tenant of that name answers on this machine, the host's for the
    ///     empty name; empty where there is none
    /// @param certificate what the node of that name serves with at that address, and whom it believes
    record Surroundings(
            Path folder,
            Map<String, String> labels,
            boolean alone,
            Function<String, Config> access,
            Shortcut shortcut,
            KubernetesClient host,
            Function<String, Optional<InetSocketAddress>> servers,
            BiFunction<String, String, ServerTls> certificate) {
        public Surroundings {
            labels = Map.copyOf(labels);
        }
    }

    /// Nodes that were started. Thread-safe.
    interface RunningNodes extends AutoCloseable {

        /// Whether their pods can run now. From memory.
        boolean isReady();

        /// The names of those on which something really runs.
        default Set<String> real() {
            return Set.of();
        }

        /// For people, in one line: which nodes, and what runs their pods.
        String description();

        /// The runtimes that their pods can have, as a RuntimeClass's `handler` names them.
        Set<String> handlers();

        /// Ends what was started, and all that runs on the nodes.
        @Override
        void close();
    }
}
