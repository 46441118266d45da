package io.insula.tenantapi.openapi;

import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.openapi.SwaggerMessages.Field;
import io.insula.tenantapi.openapi.SwaggerMessages.Message;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/// Writes parts of a Swagger 2.0 document as gnostic's `openapi.v2` messages, which kubectl before 1.29 and Helm before
/// 3.10 read. Stateless.
///
/// Fields are in the order of their numbers, as Go's encoder has them. A vendor extension's YAML is its JSON, which
/// is YAML too. What the messages have no field for is left out. Source: google/gnostic, `openapiv2/OpenAPIv2.go`.
final class SwaggerProtobuf {

    private static final int NAME = 1;
    private static final int VALUE = 2;
    private static final int ANY_YAML = 2;
    private static final int ALTERNATIVE_FIRST = 1;
    private static final int ALTERNATIVE_SECOND = 2;
    private static final int IN_QUERY = 3;
    private static final int IN_PATH = 4;

    /// Reads a value and leaves what follows it.
    private static final ObjectReader VALUES =
            Json.MAPPER.readerFor(JsonNode.class).without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private SwaggerProtobuf() {}

    /// One message.
    static byte[] message(String type, ObjectNode object) {
        return write(type, object).toBytes();
    }

    /// The fields that the members of one JSON object become, without the message around them. Works on one member
    /// after another, as these objects are large.
    ///
    /// @param type a message of named values: `Paths` or `Definitions`
    static byte[] members(String type, byte[] object) {
        Message message = SwaggerMessages.message(type);
        var writer = new ProtoWriter();
        try (var parser = Json.MAPPER.createParser(object)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                JsonNode value = VALUES.readValue(parser);
                writer.message(message.others(), named(name, write(message.othersType(), value)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return writer.toBytes();
    }

    private static ProtoWriter write(String type, JsonNode node) {
        return switch (type) {
            case "ParametersItem" -> parameter(node);
            case "ResponseValue" -> wrap(ALTERNATIVE_FIRST, write("Response", node));
            case "SchemaItem", "ItemsItem" -> wrap(ALTERNATIVE_FIRST, write("Schema", node));
            case "AdditionalProperties" -> additional(node);
            case "TypeItem" -> types(node);
            case "any" -> any(node);
            default -> fields(SwaggerMessages.message(type), node);
        };
    }

    private static ProtoWriter fields(Message message, JsonNode node) {
        var writer = new ProtoWriter();
        // maps of named values and their extensions come in either order; nothing else has both
        if (message.others() > 0) {
            members(message, node, writer);
            return writer;
        }
        for (Field field : message.fields()) {
            JsonNode value = node.get(field.key());
            if (value == null || value.isNull()) {
                continue;
            }
            if (!field.list()) {
                value(writer, field, value);
            } else if (value instanceof ArrayNode array) {
                array.forEach(element -> element(writer, field, element));
            }
        }
        extensions(message, node, writer);
        return writer;
    }

    private static void members(Message message, JsonNode node, ProtoWriter writer) {
        boolean extensionsFirst = message.extension() > 0 && message.extension() < message.others();
        if (extensionsFirst) {
            extensions(message, node, writer);
        }
        for (Map.Entry<String, JsonNode> member : node.properties()) {
            if (message.extension() == 0 || !isExtension(member.getKey())) {
                writer.message(
                        message.others(), named(member.getKey(), write(message.othersType(), member.getValue())));
            }
        }
        if (!extensionsFirst) {
            extensions(message, node, writer);
        }
    }

    private static void extensions(Message message, JsonNode node, ProtoWriter writer) {
        if (message.extension() > 0) {
            for (Map.Entry<String, JsonNode> member : node.properties()) {
                if (isExtension(member.getKey())) {
                    writer.message(message.extension(), named(member.getKey(), any(member.getValue())));
                }
            }
        }
    }

    private static boolean isExtension(String key) {
        return key.startsWith("x-");
    }

    /// A field that holds its type's zero value is not written.
    private static void value(ProtoWriter writer, Field field, JsonNode value) {
        switch (field.type()) {
            case "text" -> {
                if (!value.asText().isEmpty()) {
                    writer.text(field.number(), value.asText());
                }
            }
            case "flag" -> {
                if (value.asBoolean()) {
                    writer.whole(field.number(), 1);
                }
            }
            case "whole" -> {
                if (value.asLong() != 0) {
                    writer.whole(field.number(), value.asLong());
                }
            }
            case "real" -> {
                if (value.asDouble() != 0) {
                    writer.real(field.number(), value.asDouble());
                }
            }
            default -> writer.message(field.number(), write(field.type(), value));
        }
    }

    private static void element(ProtoWriter writer, Field field, JsonNode value) {
        if (field.type().equals("text")) {
            writer.text(field.number(), value.asText());
        } else {
            writer.message(field.number(), write(field.type(), value));
        }
    }

    private static ProtoWriter parameter(JsonNode node) {
        if (node.has("$ref")) {
            return wrap(ALTERNATIVE_SECOND, write("JsonReference", node));
        }
        ProtoWriter parameter = switch (node.path("in").asText()) {
            case "body" -> wrap(ALTERNATIVE_FIRST, write("BodyParameter", node));
            case "path" -> wrap(ALTERNATIVE_SECOND, wrap(IN_PATH, write("PathParameter", node)));
            default -> wrap(ALTERNATIVE_SECOND, wrap(IN_QUERY, write("QueryParameter", node)));
        };
        return wrap(ALTERNATIVE_FIRST, parameter);
    }

    private static ProtoWriter additional(JsonNode node) {
        if (node.isObject()) {
            return wrap(ALTERNATIVE_FIRST, write("Schema", node));
        }
        // an alternative that is chosen is written even when it is false
        var writer = new ProtoWriter();
        writer.whole(ALTERNATIVE_SECOND, node.asBoolean() ? 1 : 0);
        return writer;
    }

    private static ProtoWriter types(JsonNode node) {
        var writer = new ProtoWriter();
        if (node.isArray()) {
            node.forEach(type -> writer.text(1, type.asText()));
        } else {
            writer.text(1, node.asText());
        }
        return writer;
    }

    private static ProtoWriter any(JsonNode node) {
        var writer = new ProtoWriter();
        writer.text(ANY_YAML, node + "\n");
        return writer;
    }

    private static ProtoWriter named(String name, ProtoWriter value) {
        var writer = new ProtoWriter();
        writer.text(NAME, name);
        writer.message(VALUE, value);
        return writer;
    }

    private static ProtoWriter wrap(int field, ProtoWriter message) {
        var writer = new ProtoWriter();
        writer.message(field, message);
        return writer;
    }
}
