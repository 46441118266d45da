package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Toleration;
import java.util.List;

/// What the host itself adds to every pod of a profile, and so is no tenant's doing. Immutable.
///
/// @param runtimeClassTolerations what the profile's RuntimeClass has the host add
public record HostFacts(List<Toleration> runtimeClassTolerations) {

    public static final HostFacts NONE = new HostFacts(List.of());

    public HostFacts {
        runtimeClassTolerations = List.copyOf(runtimeClassTolerations);
    }
}
