package io.insula.tenantapi.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import io.insula.tenantapi.api.Json;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Base64;

/// A JSON tree as the protobuf message of its kind. Fields that the message does not have are left out: the tree must
/// already have passed the schema. Stateless.
final class JsonToProto {

    private final ProtoTypes types;

    JsonToProto(ProtoTypes types) {
        this.types = types;
    }

    DynamicMessage message(Descriptor type, JsonNode node) {
        DynamicMessage.Builder builder = DynamicMessage.newBuilder(type);
        switch (type.getName()) {
            case "Quantity" -> set(builder, "string", node.asText());
            case "IntOrString" -> intOrString(builder, node);
            case "Time", "MicroTime" -> time(builder, node);
            case "Duration" ->
                set(builder, "duration", Duration.parse("PT" + node.asText()).toNanos());
            case "FieldsV1" -> set(builder, "Raw", ByteString.copyFrom(Json.bytes(node)));
            case "RawExtension", "JSON" -> set(builder, "raw", ByteString.copyFrom(Json.bytes(node)));
            case "JSONSchemaPropsOrArray", "JSONSchemaPropsOrBool", "JSONSchemaPropsOrStringArray" ->
                union(builder, type, node);
            default -> {
                if (node.isArray()) {
                    repeated(builder, type.findFieldByName("items"), node);
                } else {
                    fields(builder, type, node);
                }
            }
        }
        return builder.build();
    }

    private void fields(DynamicMessage.Builder builder, Descriptor type, JsonNode node) {
        for (FieldDescriptor field : type.getFields()) {
            if (types.isInlined(field)) {
                builder.setField(field, message(field.getMessageType(), node));
                continue;
            }
            JsonNode value = node.path(types.jsonName(field));
            if (value.isMissingNode() || value.isNull()) {
                continue;
            }
            if (field.isMapField()) {
                map(builder, field, value);
            } else if (field.isRepeated()) {
                repeated(builder, field, value);
            } else {
                builder.setField(field, value(field, value));
            }
        }
    }

    private void map(DynamicMessage.Builder builder, FieldDescriptor field, JsonNode node) {
        Descriptor entry = field.getMessageType();
        FieldDescriptor value = entry.findFieldByName("value");
        node.properties()
                .forEach(e -> builder.addRepeatedField(
                        field,
                        DynamicMessage.newBuilder(entry)
                                .setField(entry.findFieldByName("key"), e.getKey())
                                .setField(value, value(value, e.getValue()))
                                .build()));
    }

    private void repeated(DynamicMessage.Builder builder, FieldDescriptor field, JsonNode node) {
        node.forEach(item -> builder.addRepeatedField(field, value(field, item)));
    }

    private Object value(FieldDescriptor field, JsonNode node) {
        return switch (field.getJavaType()) {
            case INT -> node.asInt();
            case LONG -> node.asLong();
            case FLOAT -> (float) node.asDouble();
            case DOUBLE -> node.asDouble();
            case BOOLEAN -> node.asBoolean();
            case STRING -> node.asText();
            case BYTE_STRING -> ByteString.copyFrom(Base64.getDecoder().decode(node.asText()));
            case ENUM -> throw new IllegalStateException("upstream has no enums: " + field.getFullName());
            // as in Go, null leaves what a new element is
            case MESSAGE ->
                node.isNull()
                        ? DynamicMessage.getDefaultInstance(field.getMessageType())
                        : message(field.getMessageType(), node);
        };
    }

    private static void intOrString(DynamicMessage.Builder builder, JsonNode node) {
        set(builder, "type", node.isTextual() ? 1L : 0L);
        set(builder, "intVal", node.isTextual() ? 0 : node.asInt());
        set(builder, "strVal", node.isTextual() ? node.asText() : "");
    }

    private static void time(DynamicMessage.Builder builder, JsonNode node) {
        try {
            Instant instant = Instant.parse(node.asText());
            set(builder, "seconds", instant.getEpochSecond());
            set(builder, "nanos", instant.getNano());
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("time: " + node.asText() + " (expected: RFC 3339)", e);
        }
    }

    private void union(DynamicMessage.Builder builder, Descriptor type, JsonNode node) {
        if (node.isObject()) {
            FieldDescriptor schema = type.findFieldByName("schema");
            builder.setField(schema, message(schema.getMessageType(), node));
            FieldDescriptor allows = type.findFieldByName("allows");
            if (allows != null) {
                builder.setField(allows, true);
            }
        } else if (node.isBoolean()) {
            set(builder, "allows", node.asBoolean());
        } else {
            repeated(builder, type.getFields().getLast(), node);
        }
    }

    private static void set(DynamicMessage.Builder builder, String field, Object value) {
        builder.setField(builder.getDescriptorForType().findFieldByName(field), value);
    }
}
