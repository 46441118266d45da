package io.insula.node.runtime;

/// A runtime's name for a sandbox.
public record SandboxId(String value) {
    @Override
    public String toString() {
        return value;
    }
}
