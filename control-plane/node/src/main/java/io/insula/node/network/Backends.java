package io.insula.node.network;

import java.util.List;
import java.util.function.Predicate;

/// Which of a Service port's endpoints get new connections: those that are ready, and where none is, those that end
/// but still serve. Immutable. Source: kube-proxy, `pkg/proxy/topology.go`, without topology hints, which a machine
/// that is the only one of its zone does not follow.
///
/// @param cluster for those who may be sent anywhere
/// @param local for those who must stay on this machine
/// @param hasAny whether there are endpoints anywhere, on this machine or not
record Backends(List<Backend> cluster, List<Backend> local, boolean hasAny) {

    static Backends of(List<Backend> all) {
        List<Backend> cluster = usable(all, _ -> true);
        List<Backend> local = usable(all, Backend::isLocal);
        return new Backends(cluster, local, !cluster.isEmpty() || !local.isEmpty());
    }

    private static List<Backend> usable(List<Backend> all, Predicate<Backend> where) {
        List<Backend> ready =
                all.stream().filter(where).filter(Backend::isReady).toList();
        return ready.isEmpty()
                ? all.stream()
                        .filter(where)
                        .filter(each -> each.isServing() && each.isTerminating())
                        .toList()
                : ready;
    }

    List<Backend> of(boolean isLocalOnly) {
        return isLocalOnly ? local : cluster;
    }
}
