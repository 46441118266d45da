package io.insula.node.runtime;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/// A sandbox as it is.
///
/// @param addresses the first is the pod's; empty for one in the machine's own network
/// @param labels what [SandboxSpec] gave it
public record Sandbox(
        SandboxId id,
        SandboxSpec.Name name,
        boolean isReady,
        Instant createdAt,
        List<String> addresses,
        Map<String, String> labels,
        Map<String, String> annotations,
        String handler) {
    public Sandbox {
        addresses = List.copyOf(addresses);
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
    }
}
