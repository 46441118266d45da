package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Quantity;

/// An amount of CPU and memory.
///
/// @param cpu cores, as Kubernetes writes them (`250m`)
/// @param memory bytes, as Kubernetes writes them (`160Mi`)
public record Resources(Quantity cpu, Quantity memory) {

    public static final Resources NONE = Resources.of("0", "0");

    public static Resources of(String cpu, String memory) {
        return new Resources(new Quantity(cpu), new Quantity(memory));
    }

    /// Of the resource of this name; zero for any but `cpu` and `memory`.
    Quantity amount(String name) {
        return switch (name) {
            case "cpu" -> cpu;
            case "memory" -> memory;
            default -> new Quantity("0");
        };
    }
}
