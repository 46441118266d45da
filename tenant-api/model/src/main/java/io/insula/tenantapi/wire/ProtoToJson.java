package io.insula.tenantapi.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A protobuf message as the JSON that Go would have written for the same struct. Stateless.
final class ProtoToJson {

    private static final Set<String> NAMED_SLICES = Set.of("ExtraValue", "Verbs");

    private static final JsonFactory JSON = new JsonFactory();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    /// Of the years 0 and 9999.
    private static final long FIRST_SECOND =
            Instant.parse("0000-01-01T00:00:00Z").getEpochSecond();

    private static final long LAST_SECOND =
            Instant.parse("9999-12-31T23:59:59Z").getEpochSecond();
    private static final int NANOS = 1_000_000_000;

    private final ProtoTypes types;

    ProtoToJson(ProtoTypes types) {
        this.types = types;
    }

    ObjectNode object(Message message) {
        ObjectNode object = NODES.objectNode();
        addFields(object, message);
        return object;
    }

    private void addFields(ObjectNode object, Message message) {
        for (var entry : message.getAllFields().entrySet()) {
            FieldDescriptor field = entry.getKey();
            if (field.isMapField()) {
                object.set(types.jsonName(field), map(entry.getValue()));
            } else if (field.isRepeated()) {
                object.set(types.jsonName(field), array(field, (List<?>) entry.getValue()));
            } else if (types.isInlined(field)) {
                addFields(object, (Message) entry.getValue());
            } else if (!isUnset(field, entry.getValue())) {
                JsonNode value = value(field, entry.getValue());
                if (value != null) {
                    object.set(types.jsonName(field), value);
                }
            }
        }
    }

    private boolean isUnset(FieldDescriptor field, Object value) {
        return field.getJavaType() != FieldDescriptor.JavaType.MESSAGE
                && value.equals(field.getDefaultValue())
                && !types.keepsZero(field);
    }

    private ObjectNode map(Object entries) {
        ObjectNode map = NODES.objectNode();
        for (Object entry : (List<?>) entries) {
            var message = (DynamicMessage) entry;
            var type = message.getDescriptorForType();
            FieldDescriptor value = type.findFieldByName("value");
            JsonNode node = value(value, message.getField(value));
            map.set((String) message.getField(type.findFieldByName("key")), node == null ? NODES.nullNode() : node);
        }
        return map;
    }

    private ArrayNode array(FieldDescriptor field, List<?> values) {
        ArrayNode array = NODES.arrayNode();
        for (Object value : values) {
            JsonNode node = value(field, value);
            array.add(node == null ? NODES.nullNode() : node);
        }
        return array;
    }

    /// Null for a message that stands for "unset" (the zero time).
    private @Nullable JsonNode value(FieldDescriptor field, Object value) {
        return switch (field.getJavaType()) {
            case INT, LONG -> Json.number(((Number) value).longValue());
            case FLOAT, DOUBLE -> decimal(((Number) value).doubleValue());
            case BOOLEAN -> NODES.booleanNode((Boolean) value);
            case STRING -> NODES.textNode((String) value);
            case BYTE_STRING -> NODES.textNode(Base64.getEncoder().encodeToString(((ByteString) value).toByteArray()));
            case ENUM -> NODES.textNode(value.toString());
            case MESSAGE -> message((Message) value);
        };
    }

    private @Nullable JsonNode message(Message message) {
        return switch (message.getDescriptorForType().getName()) {
            case "Quantity" -> NODES.textNode((String) get(message, "string"));
            case "IntOrString" -> intOrString(message);
            case "Time" -> time(message, false);
            case "MicroTime" -> time(message, true);
            case "Duration" -> duration(message);
            case "FieldsV1" -> embedded((ByteString) get(message, "Raw"));
            case "RawExtension", "JSON" -> embedded((ByteString) get(message, "raw"));
            case "JSONSchemaPropsOrArray", "JSONSchemaPropsOrBool", "JSONSchemaPropsOrStringArray" -> union(message);
            default -> isList(message) ? array(message) : object(message);
        };
    }

    /// A slice that Go has named, which Protobuf must wrap: a message that JSON has as a bare array. Others look alike
    /// and are objects (`DownwardAPIProjection`). Source: kubernetes/api, `+protobuf.nullable=true` in `types.go`.
    private static boolean isList(Message message) {
        return NAMED_SLICES.contains(message.getDescriptorForType().getName());
    }

    private ArrayNode array(Message list) {
        FieldDescriptor items = list.getDescriptorForType().findFieldByName("items");
        return array(items, (List<?>) list.getField(items));
    }

    private static JsonNode intOrString(Message message) {
        return ((Number) get(message, "type")).longValue() == 0
                ? Json.number(((Number) get(message, "intVal")).longValue())
                : NODES.textNode((String) get(message, "strVal"));
    }

    private static @Nullable JsonNode time(Message message, boolean micros) {
        long seconds = ((Number) get(message, "seconds")).longValue();
        int nanos = ((Number) get(message, "nanos")).intValue();
        if (seconds == 0 && nanos == 0) {
            return null;
        }
        // what RFC 3339 cannot say, as Go's own encoder
        if (seconds < FIRST_SECOND || seconds > LAST_SECOND || nanos < 0 || nanos >= NANOS) {
            throw ApiException.badRequest("error decoding protobuf: time is out of range");
        }
        Instant instant = Instant.ofEpochSecond(seconds, nanos);
        return NODES.textNode(
                micros ? MICROS.format(instant) : Instant.ofEpochSecond(seconds).toString());
    }

    private static JsonNode duration(Message message) {
        long nanos = ((Number) get(message, "duration")).longValue();
        return NODES.textNode(nanos % 1_000_000_000L == 0 ? nanos / 1_000_000_000L + "s" : nanos + "ns");
    }

    private static @Nullable JsonNode embedded(ByteString raw) {
        if (raw.isEmpty()) {
            return null;
        }
        try (var parser = JSON.createParser(raw.toByteArray())) {
            JsonNode node = new TreeReader(parser).read();
            if (node != null && parser.nextToken() == null) {
                return node;
            }
        } catch (IOException e) {
            // answered below
        }
        throw ApiException.badRequest("error decoding protobuf: embedded JSON is malformed");
    }

    private static JsonNode decimal(double value) {
        if (!Double.isFinite(value)) {
            throw ApiException.badRequest("error decoding protobuf: json: unsupported value: " + value);
        }
        return NODES.numberNode(value);
    }

    private JsonNode union(Message message) {
        var type = message.getDescriptorForType();
        FieldDescriptor schema = type.findFieldByName("schema");
        if (message.hasField(schema)) {
            return object((Message) message.getField(schema));
        }
        FieldDescriptor other = type.getFields().getLast();
        return type.getName().equals("JSONSchemaPropsOrBool")
                ? NODES.booleanNode((Boolean) get(message, "allows"))
                : array(other, (List<?>) message.getField(other));
    }

    private static Object get(Message message, String field) {
        return message.getField(message.getDescriptorForType().findFieldByName(field));
    }
}
