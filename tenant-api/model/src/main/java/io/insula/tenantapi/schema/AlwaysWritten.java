package io.insula.tenantapi.schema;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/// Writes the fields of a built-in kind that Go's structures never leave out, although nothing is in them: `{}` for a
/// structure, `0`, `""` and `false` for a number, text or flag that is always told. Typed clients rely on them: in
/// Kubernetes' own Java client a missing `status` is null.
public final class AlwaysWritten {

    private AlwaysWritten() {}

    /// Completes the object in `object.field`, and makes it where it is missing and always written.
    public static void complete(SchemaType type, ObjectNode object, String field) {
        SchemaType wanted = type.properties().get(field);
        if (wanted == null || wanted.shape() != SchemaType.Shape.OBJECT) {
            return;
        }
        if (!object.has(field) && wanted.alwaysWritten()) {
            object.putObject(field);
        }
        if (object.get(field) instanceof ObjectNode present) {
            fields(wanted, present);
        }
    }

    private static void fields(SchemaType type, ObjectNode object) {
        for (Map.Entry<String, SchemaType> property : type.properties().entrySet()) {
            String name = property.getKey();
            if (property.getValue().alwaysWritten()) {
                complete(type, object, name);
            } else if (!object.has(name) && type.required().contains(name)) {
                property.getValue().keyDefault().ifPresent(zero -> object.set(name, zero.deepCopy()));
            }
        }
    }
}
