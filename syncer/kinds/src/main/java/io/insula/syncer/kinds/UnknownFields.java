package io.insula.syncer.kinds;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Fields of a pod, at any depth, that this release does not know. A newer API server may store them, and the model
/// would carry them along unread: whatever they name would reach the host as written.
final class UnknownFields {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Map<Class<?>, Map<String, JavaType>> SCHEMA = schema();

    private UnknownFields() {}

    /// The path of the first; empty if every field is known.
    static Optional<String> first(PodSpec spec) {
        return first(MAPPER.valueToTree(spec), MAPPER.constructType(PodSpec.class), "spec");
    }

    private static Optional<String> first(JsonNode value, JavaType type, String path) {
        if (type.isTypeOrSubTypeOf(Collection.class)) {
            for (int i = 0; i < value.size(); i++) {
                var found = first(value.get(i), type.getContentType(), path + "[" + i + "]");
                if (found.isPresent()) {
                    return found;
                }
            }
            return Optional.empty();
        }
        var known = SCHEMA.get(type.getRawClass());
        return known == null ? Optional.empty() : fields(value, known, path);
    }

    private static Optional<String> fields(JsonNode value, Map<String, JavaType> known, String path) {
        for (var field : value.properties()) {
            var type = known.get(field.getKey());
            var below = path + "." + field.getKey();
            var found = type == null ? Optional.of(below) : first(field.getValue(), type, below);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static Map<Class<?>, Map<String, JavaType>> schema() {
        var schema = new HashMap<Class<?>, Map<String, JavaType>>();
        add(MAPPER.constructType(PodSpec.class), schema);
        return Map.copyOf(schema);
    }

    /// Only objects are followed: maps have keys of their own, quantities are text.
    private static void add(JavaType type, Map<Class<?>, Map<String, JavaType>> schema) {
        if (type.isTypeOrSubTypeOf(Collection.class)) {
            add(type.getContentType(), schema);
            return;
        }
        var raw = type.getRawClass();
        boolean object = raw.getPackageName().equals(PodSpec.class.getPackageName())
                && raw != Quantity.class
                && raw != IntOrString.class;
        if (!object || schema.containsKey(raw)) {
            return;
        }
        var fields = new HashMap<String, JavaType>();
        schema.put(raw, fields);
        for (var property : MAPPER.getSerializationConfig().introspect(type).findProperties()) {
            if (!property.getName().equals("additionalProperties")) {
                fields.put(property.getName(), typeOf(property));
                add(typeOf(property), schema);
            }
        }
    }

    private static JavaType typeOf(BeanPropertyDefinition property) {
        return Objects.requireNonNull(property.getGetter(), property.getName()).getType();
    }
}
