package io.insula.tenantapi.schema;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/// Compares an object with its type as upstream's JSON decoder does: which fields it does not know, which values
/// do not fit, and what remains once they are read into typed structures. Source: sigs.k8s.io/json.
public final class FieldChecker {

    private FieldChecker() {}

    /// @param unknownFields paths such as `spec.containers[0].y`, in the object's order; the caller wraps them as
    ///     `unknown field "…"`
    /// @param typeErrors values that cannot be read; upstream answers the first with 400
    public record Findings(List<String> unknownFields, List<TypeError> typeErrors) {
        public Findings {
            unknownFields = List.copyOf(unknownFields);
            typeErrors = List.copyOf(typeErrors);
        }
    }

    /// One value that does not fit its type.
    ///
    /// @param field its path, written as those of unknown fields; upstream's message often has none
    /// @param message the whole of it, e.g. `json: cannot unmarshal string into Go struct field
    ///     DeploymentSpec.spec.replicas of type int32`
    public record TypeError(String field, String message) {}

    /// Changes nothing.
    public static Findings check(SchemaType type, ObjectNode object) {
        return new FieldWalk(false).run(type, object);
    }

    /// The same, and leaves in `object` what upstream's typed structures would write again: unknown fields and
    /// nulls are gone, quantities and times have their canonical form, empty optional lists and maps are left
    /// out. Values of a wrong type stay. Only for built-in kinds: custom resources keep what clients wrote.
    public static Findings decode(SchemaType type, ObjectNode object) {
        return new FieldWalk(true).run(type, object);
    }

    /// [#decode] for when nobody wants the findings.
    public static void dropUnknown(SchemaType type, ObjectNode object) {
        decode(type, object);
    }
}
