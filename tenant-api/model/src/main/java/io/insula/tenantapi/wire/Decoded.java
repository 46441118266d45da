package io.insula.tenantapi.wire;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/// A decoded body.
///
/// @param object the caller's own tree
/// @param strictErrors what strict field validation objects to in the text itself: `duplicate field "spec.replicas"`,
///     and of YAML `yaml: unmarshal errors:` with lines
public record Decoded(ObjectNode object, List<String> strictErrors) {
    public Decoded {
        strictErrors = List.copyOf(strictErrors);
    }
}
