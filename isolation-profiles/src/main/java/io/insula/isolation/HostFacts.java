package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Toleration;
import java.util.List;

/// What the host itself adds to every pod of a profile, and so is no tenant's doing. Immutable.
///
/// @param defaultPriorityClass the name of the PriorityClass that pods without one get; empty for none
/// @param runtimeClassTolerations what the profile's RuntimeClass has the host add
public record HostFacts(List<String> defaultPriorityClass, List<Toleration> runtimeClassTolerations) {

    public static final HostFacts NONE = new HostFacts(List.of(), List.of());

    public HostFacts {
        defaultPriorityClass = List.copyOf(defaultPriorityClass);
        runtimeClassTolerations = List.copyOf(runtimeClassTolerations);
    }
}
