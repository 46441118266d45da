package io.insula.node.runtime;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A container as it shall be.
///
/// @param image an image that is there, by reference or id
/// @param userImage as the pod says it
/// @param command instead of the image's entry point; empty for that
/// @param log below the sandbox's folder of logs
/// @param targetId whose processes it sees, for an ephemeral container; empty for none
public record ContainerSpec(
        String name,
        int attempt,
        String image,
        String userImage,
        List<String> command,
        List<String> args,
        String workingDir,
        Map<String, String> env,
        List<Mount> mounts,
        Map<String, String> labels,
        Map<String, String> annotations,
        String log,
        boolean stdin,
        boolean stdinOnce,
        boolean tty,
        Resources resources,
        Security security,
        SandboxSpec.Namespaces namespaces,
        String targetId) {
    public ContainerSpec {
        command = List.copyOf(command);
        args = List.copyOf(args);
        env = Collections.unmodifiableMap(new LinkedHashMap<>(env));
        mounts = List.copyOf(mounts);
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
    }

    /// The same, seeing the processes of another container of its pod.
    public ContainerSpec seeing(ContainerId target) {
        return new ContainerSpec(
                name,
                attempt,
                image,
                userImage,
                command,
                args,
                workingDir,
                env,
                mounts,
                labels,
                annotations,
                log,
                stdin,
                stdinOnce,
                tty,
                resources,
                security,
                namespaces,
                target.value());
    }

    /// @param container path in the container
    /// @param host path on the machine
    public record Mount(String container, Path host, boolean readOnly, Propagation propagation) {}

    public enum Propagation {
        PRIVATE,
        HOST_TO_CONTAINER,
        BIDIRECTIONAL
    }
}
