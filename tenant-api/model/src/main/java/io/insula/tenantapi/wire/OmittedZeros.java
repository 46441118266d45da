package io.insula.tenantapi.wire;

import java.util.Map;
import java.util.Set;

/// Which scalar fields of built-in types are never written when they are zero (`0`, `""`, `false`), as Go's
/// `omitempty` leaves them out of its structures' JSON: there unset and zero are one.
///
/// Source: the Go types of kubernetes/api, as told by protobuf's messages and `kept-zero-fields.txt`.
public final class OmittedZeros {

    private OmittedZeros() {}

    private static final class Loaded {
        private static final Map<String, Set<String>> BY_DEFINITION =
                ProtoTypes.load().omittedZeros();
    }

    /// @param definition a full name in OpenAPI (`io.k8s.api.core.v1.PodSpec`)
    /// @return names of fields; none for what has no message of its own, of which nothing is known
    public static Set<String> of(String definition) {
        return Loaded.BY_DEFINITION.getOrDefault(definition, Set.of());
    }
}
