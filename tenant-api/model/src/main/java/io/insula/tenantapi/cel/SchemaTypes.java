package io.insula.tenantapi.cel;

import com.google.common.collect.ImmutableSet;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import io.insula.tenantapi.schema.SchemaType;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// The types of whole objects, for the type checker: made as far as expressions look into them, as some refer to
/// themselves. Thread-safe. Source: kubernetes/apiserver, `pkg/cel/common/schemas.go`.
final class SchemaTypes {

    private final Map<String, StructType> structs = new ConcurrentHashMap<>();

    /// @param name of the type where the schema has none
    CelType of(SchemaType type, String name) {
        return switch (type.shape()) {
            case OBJECT -> struct(type, type.name().isEmpty() ? name : type.name());
            case MAP -> MapType.create(SimpleType.STRING, of(type.items(), name + ".@elem"));
            case LIST -> ListType.create(of(type.items(), name + ".@idx"));
            case STRING ->
                switch (type.format()) {
                    case "byte" -> SimpleType.BYTES;
                    case "duration" -> SimpleType.DURATION;
                    case "date", "date-time" -> SimpleType.TIMESTAMP;
                    default -> SimpleType.STRING;
                };
            case TIME -> SimpleType.TIMESTAMP;
            case INTEGER -> SimpleType.INT;
            case NUMBER -> SimpleType.DOUBLE;
            case BOOLEAN -> SimpleType.BOOL;
            case INT_OR_STRING, QUANTITY, ANY -> SimpleType.DYN;
        };
    }

    /// The object types that were looked into.
    Optional<CelType> find(String name) {
        return Optional.ofNullable(structs.get(name));
    }

    @SuppressWarnings("Immutable") // the map is never changed, and what is made from it is always the same
    private StructType struct(SchemaType type, String name) {
        StructType known = structs.get(name);
        if (known != null) {
            return known;
        }
        var fields = new LinkedHashMap<String, SchemaType>();
        type.properties()
                .forEach((field, of) -> FieldNames.escape(field).ifPresent(escaped -> fields.put(escaped, of)));
        StructType made = StructType.create(
                name,
                ImmutableSet.copyOf(fields.keySet()),
                field -> Optional.ofNullable(fields.get(field)).map(of -> of(of, name + "." + field)));
        StructType first = structs.putIfAbsent(name, made);
        return first == null ? made : first;
    }
}
