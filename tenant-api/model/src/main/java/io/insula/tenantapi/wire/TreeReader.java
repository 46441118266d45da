package io.insula.tenantapi.wire;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Builds a tree from a token stream and notes duplicate keys, which the last one wins. Depth is bounded by the
/// parser's own constraints (1000 levels), and so are the aliases of YAML. What the tree holds can be written again:
/// no number without an end, no half of a surrogate pair. Confined to one call.
final class TreeReader {

    /// A key that stood more than once in its object.
    ///
    /// @param path dotted, with the key
    /// @param line where it stood again, from 1
    record Duplicate(String path, String key, int line) {}

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final String MERGE = "<<";
    private static final char REPLACEMENT = '\ufffd';

    /// Where telling of duplicates ends: their paths are not bounded by the text's size.
    private static final int LONGEST_TEXT = 1 << 16;

    private final JsonParser parser;
    private final @Nullable Anchors anchors;
    /// Keys and indices from the root on: made into text only for a duplicate.
    private final List<Object> path = new ArrayList<>();

    private final List<Duplicate> duplicates = new ArrayList<>();
    private int characters;

    TreeReader(JsonParser parser) {
        this.parser = parser;
        this.anchors = parser instanceof YAMLParser
                ? new Anchors(parser.streamReadConstraints().getMaxNestingDepth())
                : null;
    }

    /// The next value of the stream; null at its end.
    @Nullable
    JsonNode read() throws IOException {
        JsonToken token = parser.nextToken();
        return token == null ? null : value(token);
    }

    /// In order of appearance.
    List<Duplicate> duplicates() {
        return duplicates;
    }

    private JsonNode value(@Nullable JsonToken token) throws IOException {
        return anchors == null ? plain(token) : anchored(anchors, token);
    }

    private JsonNode anchored(Anchors known, @Nullable JsonToken token) throws IOException {
        if (((YAMLParser) parser).isCurrentAlias()) {
            return known.copy(parser.getText(), path.size());
        }
        known.count();
        Object name = parser.getObjectId();
        JsonNode node = plain(token);
        if (name != null) {
            known.define(name.toString(), node);
        }
        return node;
    }

    private JsonNode plain(@Nullable JsonToken token) throws IOException {
        return switch (token) {
            case START_OBJECT -> object();
            case START_ARRAY -> array();
            case VALUE_STRING -> NODES.textNode(whole(parser.getText()));
            case VALUE_NUMBER_INT -> integer();
            case VALUE_NUMBER_FLOAT -> decimal();
            case VALUE_TRUE -> NODES.booleanNode(true);
            case VALUE_FALSE -> NODES.booleanNode(false);
            case VALUE_NULL -> NODES.nullNode();
            case null -> throw new IOException("unexpected end of input");
            default -> throw new IOException("unexpected token " + token);
        };
    }

    private JsonNode integer() throws IOException {
        return switch (parser.getNumberType()) {
            case INT, LONG -> Json.number(parser.getLongValue());
            default -> NODES.numberNode(parser.getBigIntegerValue());
        };
    }

    private JsonNode decimal() throws IOException {
        double value = parser.getDoubleValue();
        if (!Double.isFinite(value)) {
            throw new InputCoercionException(
                    parser,
                    "json: cannot unmarshal number " + parser.getText() + " into Go value of type float64",
                    JsonToken.VALUE_NUMBER_FLOAT,
                    double.class);
        }
        return NODES.numberNode(value);
    }

    private ObjectNode object() throws IOException {
        ObjectNode object = NODES.objectNode();
        List<JsonNode> merged = List.of();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_OBJECT; token = parser.nextToken()) {
            String key = whole(keyOf(token));
            path.add(key);
            if (object.has(key)) {
                duplicate(key);
            }
            JsonNode value = value(parser.nextToken());
            if (anchors != null && key.equals(MERGE)) {
                merged = merged.isEmpty() ? new ArrayList<>() : merged;
                merged.add(value);
            } else {
                object.set(key, value);
            }
            path.removeLast();
        }
        for (JsonNode each : merged) {
            Anchors.merge(object, each);
        }
        return object;
    }

    private String keyOf(@Nullable JsonToken token) throws IOException {
        if (token != JsonToken.FIELD_NAME) {
            throw new IOException("unexpected " + (token == null ? "end of input" : "token " + token));
        }
        return parser.currentName();
    }

    private void duplicate(String key) {
        if (characters < LONGEST_TEXT) {
            var text = new StringBuilder();
            for (Object step : path) {
                switch (step) {
                    case String name -> text.append(text.isEmpty() ? "" : ".").append(name);
                    default -> text.append('[').append(step).append(']');
                }
            }
            characters += text.length();
            duplicates.add(new Duplicate(
                    text.toString(), key, parser.currentTokenLocation().getLineNr()));
        }
    }

    private ArrayNode array() throws IOException {
        ArrayNode array = NODES.arrayNode();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            path.add(array.size());
            array.add(value(token));
            path.removeLast();
        }
        return array;
    }

    /// The text with halves of surrogate pairs replaced, as Go does. Source: Go, `encoding/json`, `unquote`.
    private static String whole(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return repaired(text, i);
            }
        }
        return text;
    }

    private static String repaired(String text, int from) {
        var out = new StringBuilder(text);
        for (int i = from; i < out.length(); i++) {
            char c = out.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < out.length() && Character.isLowSurrogate(out.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                out.setCharAt(i, REPLACEMENT);
            }
        }
        return out.toString();
    }
}
