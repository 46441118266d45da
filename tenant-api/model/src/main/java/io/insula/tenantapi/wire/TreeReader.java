package io.insula.tenantapi.wire;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
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

    /// The next value of the stream; null at its end. Without recursion: a thousand levels of it would be too much for
    /// the stack of a thread whose code is not compiled yet.
    @Nullable
    JsonNode read() throws IOException {
        JsonToken token = parser.nextToken();
        if (token == null) {
            return null;
        }
        var open = new ArrayDeque<Level>();
        JsonNode ready = begin(token, open);
        while (!open.isEmpty()) {
            Level level = open.getFirst();
            if (ready != null) {
                put(level, ready);
            }
            token = parser.nextToken();
            ready = token == level.end() ? end(open.removeFirst()) : begin(step(level, token), open);
        }
        return ready;
    }

    /// In order of appearance.
    List<Duplicate> duplicates() {
        return duplicates;
    }

    /// An object or array whose end was not read yet.
    private static final class Level {

        private final ContainerNode<?> node;
        private final @Nullable Object anchor;
        /// What `<<` brings to it.
        private final List<JsonNode> merged = new ArrayList<>(0);

        Level(ContainerNode<?> node, @Nullable Object anchor) {
            this.node = node;
            this.anchor = anchor;
        }

        JsonToken end() {
            return node.isObject() ? JsonToken.END_OBJECT : JsonToken.END_ARRAY;
        }
    }

    /// A value that is whole by now; null for one that is open now.
    private @Nullable JsonNode begin(@Nullable JsonToken token, Deque<Level> open) throws IOException {
        if (anchors == null) {
            return begin(token, null, open);
        }
        if (((YAMLParser) parser).isCurrentAlias()) {
            return anchors.copy(parser.getText(), path.size());
        }
        anchors.count();
        Object anchor = parser.getObjectId();
        JsonNode node = begin(token, anchor, open);
        if (node != null && anchor != null) {
            anchors.define(anchor.toString(), node);
        }
        return node;
    }

    private @Nullable JsonNode begin(@Nullable JsonToken token, @Nullable Object anchor, Deque<Level> open)
            throws IOException {
        return switch (token) {
            case START_OBJECT -> {
                open.addFirst(new Level(NODES.objectNode(), anchor));
                yield null;
            }
            case START_ARRAY -> {
                open.addFirst(new Level(NODES.arrayNode(), anchor));
                yield null;
            }
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

    /// Reads on to the first token of the level's next value, whose key or index is added to the path.
    private @Nullable JsonToken step(Level level, @Nullable JsonToken token) throws IOException {
        if (!(level.node instanceof ObjectNode object)) {
            path.add(level.node.size());
            return token;
        }
        String key = whole(keyOf(token));
        path.add(key);
        if (object.has(key)) {
            duplicate(key);
        }
        return parser.nextToken();
    }

    /// The value of the path's end.
    private void put(Level level, JsonNode value) {
        Object step = path.removeLast();
        switch (level.node) {
            case ArrayNode array -> array.add(value);
            case ObjectNode _ when anchors != null && step.equals(MERGE) -> level.merged.add(value);
            case ObjectNode object -> object.set(step.toString(), value);
            default -> throw new IllegalStateException("neither object nor array: " + level.node.getNodeType());
        }
    }

    private JsonNode end(Level level) throws IOException {
        for (JsonNode each : level.merged) {
            Anchors.merge((ObjectNode) level.node, each);
        }
        if (anchors != null && level.anchor != null) {
            anchors.define(level.anchor.toString(), level.node);
        }
        return level.node;
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
