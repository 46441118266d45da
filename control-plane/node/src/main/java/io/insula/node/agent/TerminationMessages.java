package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.insula.node.logs.LogOptions;
import io.insula.node.logs.LogReader;
import io.insula.node.pod.EphemeralContainers;
import io.insula.node.runtime.Container.State.Exited;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What a container said of its end. Stateless. Source: Kubernetes, "Determine the Reason for Pod Failure".
final class TerminationMessages {

    private static final int LONGEST = 4096;
    private static final int LONGEST_LOG = 2048;
    private static final LogOptions LAST_LINES =
            new LogOptions(false, Optional.empty(), Optional.of(80L), Optional.empty(), false, LogOptions.Source.ALL);

    private TerminationMessages() {}

    /// The file into which it may write.
    static Path file(Path pods, Pod pod, String container, int attempt) {
        return pods.resolve(pod.getMetadata().getUid())
                .resolve("containers")
                .resolve(container)
                .resolve(attempt + ".message");
    }

    /// @param log in CRI's format
    static String of(Pod pod, io.insula.node.runtime.Container container, Path pods, Path log) {
        Container spec = Stream.of(
                        pod.getSpec().getContainers(), pod.getSpec().getInitContainers(), EphemeralContainers.of(pod))
                .flatMap(List::stream)
                .filter(c -> c.getName().equals(container.name()))
                .findFirst()
                .orElseGet(Container::new);
        String said = read(file(pods, pod, container.name(), container.attempt()));
        boolean failed = container.state() instanceof Exited end && end.code() != 0;
        if (said.isEmpty() && failed && "FallbackToLogsOnError".equals(spec.getTerminationMessagePolicy())) {
            return tail(log);
        }
        return said;
    }

    private static String read(Path file) {
        try (var in = Files.newInputStream(file)) {
            return new String(in.readNBytes(LONGEST), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    /// As `logs` tells it: what a container ended without a line's end has none.
    private static String tail(Path log) {
        var said = new ByteArrayOutputStream();
        try {
            new LogReader(log, LAST_LINES, () -> false, bytes -> {
                        said.writeBytes(bytes);
                        return true;
                    })
                    .read();
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
        int from = Math.max(0, said.size() - LONGEST_LOG);
        return new String(said.toByteArray(), from, said.size() - from, StandardCharsets.UTF_8);
    }
}
