package io.insula.node.server;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.insula.node.logs.LogOptions;
import io.insula.node.logs.LogOptions.Source;
import io.insula.node.logs.LogReader;
import io.insula.node.runtime.Container;
import io.insula.node.runtime.Container.State.Running;
import io.insula.node.server.NodePods.NodePod;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.http.HttpResponder;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// `/containerLogs`. Thread-safe: holds no state.
///
/// Source: kubernetes, `pkg/kubelet/kubelet_pods.go` (GetKubeletContainerLogs, validateContainerLogStatus).
final class ContainerLogs {

    /// How long the API server may take for what is queued: its own clients may stop reading for as long as they like.
    private static final Duration PATIENCE = Duration.ofDays(1);

    private final NodePods pods;

    ContainerLogs(NodePods pods) {
        this.pods = pods;
    }

    void answer(String namespace, String name, String container, NodeQuery query, HttpResponder responder) {
        LogOptions options = options(query);
        NodePod pod = pods.find(namespace, name)
                .orElseThrow(() -> NodeRefusal.notFound("pod \"" + name + "\" does not exist\n"));
        if (names(pod.pod()).noneMatch(container::equals)) {
            throw NodeRefusal.notFound("container \"" + container + "\" not found in pod \"" + name + "\"\n");
        }
        Container shown = shown(pod, name, container, query.isTrue("previous"));
        Path log =
                shown.log().orElseThrow(() -> new NodeRefusal(500, "container \"" + container + "\" keeps no log\n"));
        send(log, options, () -> runs(namespace, name, shown), responder);
    }

    private boolean runs(String namespace, String name, Container shown) {
        return pods.find(namespace, name).stream()
                .flatMap(pod -> pod.containers().stream())
                .anyMatch(c -> c.id().equals(shown.id()) && c.state() instanceof Running);
    }

    private static void send(
            Path log, LogOptions options, java.util.function.BooleanSupplier runs, HttpResponder responder) {
        // before anything is answered: a log that is not there is said
        if (!java.nio.file.Files.isReadable(log)) {
            throw new NodeRefusal(500, "failed to open log file: no such file\n");
        }
        var stream = responder.stream(200, Map.of("Content-Type", List.of("text/plain")));
        var reader = new LogReader(log, options, runs, bytes -> stream.write(bytes) && stream.awaitRoom(PATIENCE));
        stream.onClose(reader::end);
        try {
            reader.read();
            stream.close();
        } catch (NoSuchFileException e) {
            // removed between the look and the opening: the pod is gone
            stream.close();
        } catch (IOException e) {
            stream.abort();
        } catch (InterruptedException e) {
            stream.abort();
            Thread.currentThread().interrupt();
        }
    }

    private static LogOptions options(NodeQuery query) {
        Source source = switch (query.text("stream")) {
            case "", "All" -> Source.ALL;
            case "Stdout" -> Source.STDOUT;
            case "Stderr" -> Source.STDERR;
            default ->
                throw new NodeRefusal(
                        422, "stream: \"" + query.text("stream") + "\" (expected: All, Stdout or Stderr)");
        };
        Optional<Instant> since = query.count("sinceSeconds")
                .map(seconds -> Meta.after(Instant.now(), -seconds))
                .or(() -> query.time("sinceTime"));
        return new LogOptions(
                query.isTrue("follow"),
                since,
                query.count("tailLines"),
                query.count("limitBytes"),
                query.isTrue("timestamps"),
                source);
    }

    private static Container shown(NodePod pod, String name, String container, boolean previous) {
        Optional<ContainerStatus> status =
                statuses(pod.pod()).filter(s -> s.getName().equals(container)).findFirst();
        Optional<String> last = status.map(ContainerStatus::getLastState).flatMap(ContainerLogs::ended);
        if (previous) {
            return last.flatMap(id -> byId(pod, id))
                    .orElseThrow(() -> NodeRefusal.bad(
                            "previous terminated container \"" + container + "\" in pod \"" + name + "\" not found\n"));
        }
        Optional<ContainerState> state = status.map(ContainerStatus::getState);
        boolean begun = state.map(s -> s.getRunning() != null || s.getTerminated() != null)
                .orElse(false);
        return (begun ? pod.container(container) : last.flatMap(id -> byId(pod, id)))
                .orElseThrow(() -> NodeRefusal.bad("container \"" + container + "\" in pod \"" + name
                        + "\" is waiting to start: "
                        + state.map(ContainerLogs::reason).orElse("ContainerCreating")
                        + "\n"));
    }

    private static Optional<Container> byId(NodePod pod, String id) {
        return pod.containers().stream()
                .filter(c -> id.endsWith("://" + c.id()))
                .findFirst();
    }

    private static Optional<String> ended(ContainerState state) {
        return state.getTerminated() == null
                ? Optional.empty()
                : Optional.ofNullable(state.getTerminated().getContainerID());
    }

    private static String reason(ContainerState state) {
        return state.getWaiting() == null || state.getWaiting().getReason() == null
                ? "ContainerCreating"
                : state.getWaiting().getReason();
    }

    private static Stream<ContainerStatus> statuses(Pod pod) {
        var status = pod.getStatus();
        return Stream.of(
                        status.getContainerStatuses(),
                        status.getInitContainerStatuses(),
                        status.getEphemeralContainerStatuses())
                .flatMap(List::stream);
    }

    private static Stream<String> names(Pod pod) {
        var spec = pod.getSpec();
        return Stream.concat(
                Stream.concat(spec.getContainers().stream(), spec.getInitContainers().stream())
                        .map(io.fabric8.kubernetes.api.model.Container::getName),
                spec.getEphemeralContainers().stream()
                        .map(io.fabric8.kubernetes.api.model.EphemeralContainer::getName));
    }
}
