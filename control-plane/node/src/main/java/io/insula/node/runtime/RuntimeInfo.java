package io.insula.node.runtime;

import java.util.List;

/// What the runtime is, and whether it works now.
///
/// @param name e.g. `containerd`
/// @param problems one line for each thing that keeps it from running pods; empty when it is ready
public record RuntimeInfo(String name, String version, List<String> problems) {
    public RuntimeInfo {
        problems = List.copyOf(problems);
    }

    public boolean isReady() {
        return problems.isEmpty();
    }
}
