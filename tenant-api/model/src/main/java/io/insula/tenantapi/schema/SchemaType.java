package io.insula.tenantapi.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The type of one value: of an object of a kind, or of a field at the place where it is used. Immutable and
/// thread-safe. References to other definitions are resolved when first looked at, so recursive types
/// (JSONSchemaProps) are no trouble: never walk the tree without a value beside it.
public final class SchemaType {

    /// Any value, nothing known of it.
    public static final SchemaType ANY = new SchemaType(Structure.ANY, Use.PLAIN);

    /// What JSON a value is. `TIME`: RFC 3339 text (built-in kinds only, where it has a canonical form);
    /// `QUANTITY`: a number or text such as `100m`.
    public enum Shape {
        OBJECT,
        MAP,
        LIST,
        STRING,
        INTEGER,
        NUMBER,
        BOOLEAN,
        INT_OR_STRING,
        QUANTITY,
        TIME,
        ANY
    }

    /// How server-side apply treats a list: as one value, by element value, by element keys.
    public enum ListType {
        ATOMIC,
        SET,
        MAP
    }

    private final Supplier<Structure> structure;
    /// What the supplier gave: looked up once, as it is asked for at every node of every tree. A race finds the same.
    private @Nullable Structure known;

    private final Use use;

    SchemaType(Structure structure, Use use) {
        this(() -> structure, use);
    }

    SchemaType(Supplier<Structure> structure, Use use) {
        this.structure = structure;
        this.use = use;
    }

    private Structure structure() {
        Structure found = known;
        if (found == null) {
            found = structure.get();
            known = found;
        }
        return found;
    }

    /// What is said where a value is used, beside or over what its type says.
    record Use(
            @Nullable JsonNode defaultValue,
            @Nullable JsonNode keyDefault,
            @Nullable Boolean atomicMap,
            String patchMergeKey,
            Set<String> patchStrategies,
            boolean nullable,
            boolean alwaysWritten,
            String description) {
        static final Use PLAIN = new Use(null, null, null, "", Set.of(), false, false, "");
    }

    /// What a type says of itself.
    ///
    /// @param name the definition's full name; empty for an anonymous type
    /// @param items of list elements and map values
    /// @param omittedZeros names of scalar properties that are left out when they are zero
    record Structure(
            String name,
            Shape shape,
            Map<String, SchemaType> properties,
            @Nullable SchemaType items,
            ListType listType,
            List<String> listMapKeys,
            boolean atomicMap,
            Set<String> required,
            List<JsonNode> enumValues,
            String format,
            boolean preserveUnknownFields,
            boolean embeddedResource,
            Set<String> omittedZeros) {
        static final Structure ANY = scalar("", Shape.ANY, "", List.of());

        /// Any value, but an object, or one in an array, is of type `objects`.
        static Structure union(String name, SchemaType objects) {
            return new Structure(
                    name,
                    Shape.ANY,
                    Map.of(),
                    objects,
                    ListType.ATOMIC,
                    List.of(),
                    false,
                    Set.of(),
                    List.of(),
                    "",
                    true,
                    false,
                    Set.of());
        }

        static Structure scalar(String name, Shape shape, String format, List<JsonNode> enumValues) {
            return new Structure(
                    name,
                    shape,
                    Map.of(),
                    null,
                    ListType.ATOMIC,
                    List.of(),
                    false,
                    Set.of(),
                    enumValues,
                    format,
                    shape == Shape.ANY,
                    false,
                    Set.of());
        }
    }

    public Shape shape() {
        return structure().shape();
    }

    /// The full definition name (`io.k8s.api.core.v1.PodSpec`); empty for an anonymous type.
    public String name() {
        return structure().name();
    }

    /// The fields of an OBJECT, in the description's order.
    public Map<String, SchemaType> properties() {
        return structure().properties();
    }

    public Optional<SchemaType> property(String name) {
        return Optional.ofNullable(properties().get(name));
    }

    /// Whether this property of an OBJECT is left out where it is zero, as unset and zero are one for it.
    boolean omitsZero(String property) {
        return structure().omittedZeros().contains(property);
    }

    /// The type of the elements of a LIST, of the values of a MAP, and of the objects in a value that else may be
    /// ANY; [#ANY] where nothing is known of them.
    public SchemaType items() {
        SchemaType items = structure().items();
        return items == null ? ANY : items;
    }

    /// The type at `fields`, each a field of an OBJECT, a key of a MAP, or `[]` for the elements of a LIST; empty
    /// where there is none.
    public Optional<SchemaType> at(String... fields) {
        SchemaType type = this;
        for (String field : fields) {
            boolean inItems = type.shape() == Shape.MAP || type.shape() == Shape.LIST;
            SchemaType next = inItems ? type.items() : type.properties().get(field);
            if (next == null) {
                return Optional.empty();
            }
            type = next;
        }
        return Optional.of(type);
    }

    public ListType listType() {
        return structure().listType();
    }

    /// The fields that name an element of a list of type MAP.
    public List<String> listMapKeys() {
        return structure().listMapKeys();
    }

    /// Whether server-side apply takes the whole value as one: lists of type ATOMIC, maps and objects marked
    /// atomic.
    public boolean atomic() {
        return switch (shape()) {
            case LIST -> listType() == ListType.ATOMIC;
            case OBJECT, MAP -> use.atomicMap() == null ? structure().atomicMap() : use.atomicMap();
            case STRING, INTEGER, NUMBER, BOOLEAN, INT_OR_STRING, QUANTITY, TIME, ANY -> false;
        };
    }

    /// The key by which a strategic merge patch merges a list of objects; empty for none.
    public String patchMergeKey() {
        return use.patchMergeKey();
    }

    /// `merge`, `replace`, `retainKeys`: what a strategic merge patch does with the field.
    public Set<String> patchStrategies() {
        return use.patchStrategies();
    }

    /// The value to write where the field is absent; callers must not change it.
    public Optional<JsonNode> defaultValue() {
        return Optional.ofNullable(use.defaultValue());
    }

    /// The value that server-side apply takes for an absent key field of an associative list. Unlike
    /// [#defaultValue] this includes Go's zero values. Source: structured-merge-diff, "getAssociativeKeyDefault".
    public Optional<JsonNode> keyDefault() {
        return Optional.ofNullable(use.keyDefault());
    }

    public Set<String> required() {
        return structure().required();
    }

    /// The allowed values; empty when all are.
    public List<JsonNode> enumValues() {
        return structure().enumValues();
    }

    /// `int32`, `byte`, `date-time` …; empty for none.
    public String format() {
        return structure().format();
    }

    /// Whether an OBJECT keeps fields that its schema does not name.
    public boolean preserveUnknownFields() {
        return structure().preserveUnknownFields();
    }

    /// Whether the value is a whole object with apiVersion, kind and metadata of its own.
    public boolean embeddedResource() {
        return structure().embeddedResource();
    }

    /// Whether null is a value of its own (custom resources only).
    public boolean nullable() {
        return use.nullable();
    }

    /// Whether upstream writes this object even when nothing is in it, because it is a struct and no pointer
    /// there: for field ownership it exists before anybody sets it.
    public boolean alwaysWritten() {
        return use.alwaysWritten();
    }

    public String description() {
        return use.description();
    }

    /// The type with what is said where it is used.
    SchemaType usedAs(Use other) {
        return new SchemaType(structure, other);
    }

    @Override
    public String toString() {
        return shape() + (name().isEmpty() ? "" : " " + name());
    }
}
