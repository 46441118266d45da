package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.insula.node.pod.EphemeralContainers;
import io.insula.node.runtime.Container.State.Exited;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// What a container said of its end. Stateless. Source: Kubernetes, "Determine the Reason for Pod Failure".
final class TerminationMessages {

    private static final int LONGEST = 4096;
    private static final int LONGEST_LOG = 2048;
    private static final int LOG_LINES = 80;

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

    private static String tail(Path log) {
        try (Stream<String> lines = Files.lines(log)) {
            List<String> all =
                    lines.map(line -> line.replaceFirst("^\\S+ \\S+ \\S+ ", "")).toList();
            String text = String.join("\n", all.subList(Math.max(0, all.size() - LOG_LINES), all.size())) + "\n";
            return text.substring(Math.max(0, text.length() - LONGEST_LOG));
        } catch (IOException e) {
            return "";
        }
    }
}
