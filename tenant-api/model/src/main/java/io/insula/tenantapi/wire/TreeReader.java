package io.insula.tenantapi.wire;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Builds a tree from a token stream and notes duplicate keys, which the last one wins. Depth is bounded by the
/// parser's own constraints (1000 levels). Confined to one call.
final class TreeReader {

    /// A key that stood more than once in its object.
    ///
    /// @param path dotted, with the key
    /// @param line where it stood again, from 1
    record Duplicate(String path, String key, int line) {}

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final JsonParser parser;
    private final List<Duplicate> duplicates = new ArrayList<>();

    TreeReader(JsonParser parser) {
        this.parser = parser;
    }

    /// The next value of the stream; null at its end.
    @Nullable
    JsonNode read() throws IOException {
        JsonToken token = parser.nextToken();
        return token == null ? null : value(token, "");
    }

    /// In order of appearance.
    List<Duplicate> duplicates() {
        return duplicates;
    }

    private JsonNode value(JsonToken token, String path) throws IOException {
        return switch (token) {
            case START_OBJECT -> object(path);
            case START_ARRAY -> array(path);
            case VALUE_STRING -> NODES.textNode(parser.getText());
            case VALUE_NUMBER_INT -> integer();
            case VALUE_NUMBER_FLOAT -> NODES.numberNode(parser.getDoubleValue());
            case VALUE_TRUE -> NODES.booleanNode(true);
            case VALUE_FALSE -> NODES.booleanNode(false);
            case VALUE_NULL -> NODES.nullNode();
            default -> throw new IOException("unexpected token " + token);
        };
    }

    private JsonNode integer() throws IOException {
        return switch (parser.getNumberType()) {
            case INT, LONG -> Json.number(parser.getLongValue());
            default -> NODES.numberNode(parser.getBigIntegerValue());
        };
    }

    private ObjectNode object(String path) throws IOException {
        ObjectNode object = NODES.objectNode();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_OBJECT; token = parser.nextToken()) {
            String key = parser.currentName();
            String keyPath = path.isEmpty() ? key : path + "." + key;
            if (object.has(key)) {
                duplicates.add(new Duplicate(
                        keyPath, key, parser.currentTokenLocation().getLineNr()));
            }
            object.set(key, value(parser.nextToken(), keyPath));
        }
        return object;
    }

    private ArrayNode array(String path) throws IOException {
        ArrayNode array = NODES.arrayNode();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            array.add(value(token, path + "[" + array.size() + "]"));
        }
        return array;
    }
}
