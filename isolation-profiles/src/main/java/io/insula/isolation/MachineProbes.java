package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.insula.isolation.Note.Done;
import io.insula.isolation.PodFields.Located;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A pod's probes as the machine's: one of readiness and one of liveness, by network, as these reach the containers'
/// ports through the guest. So readiness in the tenant is the container's. Others are refused by their field.
///
/// Source: KubeVirt user guide, "Liveness and Readiness Probes": a command would run in the guest's own system, not in
/// a container; ports have no names.
final class MachineProbes {

    private record Kind(String field, Function<Container, @Nullable Probe> of) {}

    private static final List<Kind> KINDS = List.of(
            new Kind("readinessProbe", Container::getReadinessProbe),
            new Kind("livenessProbe", Container::getLivenessProbe));

    private MachineProbes() {}

    static Optional<FieldViolation> check(Pod pod) {
        for (var located : PodFields.containers(pod)) {
            if (located.container().getStartupProbe() != null) {
                return refuse(located, "startupProbe", "a virtual machine has no startup probe");
            }
        }
        for (var kind : KINDS) {
            boolean taken = false;
            for (var located : PodFields.containers(pod)) {
                var probe = kind.of().apply(located.container());
                if (probe == null) {
                    continue;
                }
                if (taken) {
                    return refuse(located, kind.field(), "a virtual machine has one for all its containers");
                }
                taken = true;
                var wrong = inexpressible(located, kind.field(), probe);
                if (wrong.isPresent()) {
                    return wrong;
                }
            }
        }
        return Optional.empty();
    }

    /// To the machine's `spec`: for pods that [#check] lets pass.
    static void add(PodSpec spec, Map<String, Object> machine) {
        for (var located : PodFields.containers(spec)) {
            for (var kind : KINDS) {
                var probe = kind.of().apply(located.container());
                if (probe != null) {
                    machine.put(kind.field(), tree(probe, located.container()));
                }
            }
        }
    }

    static List<Note> notes(PodSpec spec) {
        return PodFields.containers(spec).stream()
                .filter(located -> located.container().getLivenessProbe() != null)
                .map(located -> new Note(
                        located.path() + ".livenessProbe",
                        Done.REPLACED,
                        "the virtual machine's",
                        "where it fails, the machine ends instead of the container"))
                .toList();
    }

    private static Optional<FieldViolation> inexpressible(Located located, String field, Probe probe) {
        if (probe.getExec() != null) {
            return refuse(located, field + ".exec", "a command would not run in the container");
        }
        if (probe.getGrpc() != null) {
            return refuse(located, field + ".grpc", "a virtual machine's probes speak HTTP and TCP");
        }
        if (probe.getTerminationGracePeriodSeconds() != null) {
            return refuse(
                    located,
                    field + ".terminationGracePeriodSeconds",
                    "a virtual machine has one grace period, the pod's");
        }
        var http = probe.getHttpGet();
        var tcp = probe.getTcpSocket();
        if (http != null) {
            return port(http.getPort(), located.container()) == null
                    ? refuse(located, field + ".httpGet.port", "no port of the container has this name")
                    : Optional.empty();
        }
        return tcp == null || port(tcp.getPort(), located.container()) == null
                ? refuse(located, field + (tcp == null ? "" : ".tcpSocket.port"), "names no port of the container")
                : Optional.empty();
    }

    private static Map<String, Object> tree(Probe probe, Container container) {
        var tree = new LinkedHashMap<String, Object>();
        var http = probe.getHttpGet();
        if (http != null) {
            var get = new LinkedHashMap<String, Object>();
            get.put("port", Objects.requireNonNull(port(http.getPort(), container)));
            put(get, "path", http.getPath());
            put(get, "scheme", http.getScheme());
            if (!http.getHttpHeaders().isEmpty()) {
                get.put("httpHeaders", new ArrayList<>(http.getHttpHeaders()));
            }
            tree.put("httpGet", get);
        } else {
            var port = port(probe.getTcpSocket().getPort(), container);
            tree.put("tcpSocket", Map.of("port", Objects.requireNonNull(port)));
        }
        put(tree, "initialDelaySeconds", probe.getInitialDelaySeconds());
        put(tree, "timeoutSeconds", probe.getTimeoutSeconds());
        put(tree, "periodSeconds", probe.getPeriodSeconds());
        put(tree, "successThreshold", probe.getSuccessThreshold());
        put(tree, "failureThreshold", probe.getFailureThreshold());
        return tree;
    }

    /// Its number; null if it is a name that no port has.
    private static @Nullable Integer port(@Nullable IntOrString port, Container container) {
        if (port == null) {
            return null;
        }
        return port.getIntVal() != null
                ? port.getIntVal()
                : container.getPorts().stream()
                        .filter(each -> Objects.equals(each.getName(), port.getStrVal()))
                        .map(ContainerPort::getContainerPort)
                        .findFirst()
                        .orElse(null);
    }

    private static void put(Map<String, Object> tree, String field, @Nullable Object value) {
        if (value != null) {
            tree.put(field, value);
        }
    }

    private static Optional<FieldViolation> refuse(Located located, String field, String message) {
        return Optional.of(new FieldViolation(located.path() + "." + field, message));
    }
}
