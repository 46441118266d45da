package io.insula.tenantapi.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/// What the anchors (`&a`) of a YAML text stand for, and how much its aliases (`*a`) have grown it. Confined to one
/// call. Source: go-yaml, `decode.go`, wording and limits included.
final class Anchors {

    /// Below these, growth is not looked at.
    private static final int SMALL_TEXT = 100;

    private static final int FEW_COPIES = 1000;

    private static final double MOST_COPIES_OF_SMALL = 0.99;
    private static final double MOST_COPIES_OF_LARGE = 0.10;
    private static final long SMALL_NODES = 400_000;
    private static final long LARGE_NODES = 4_000_000;

    private final Map<String, JsonNode> byName = new HashMap<>();
    private final int deepest;
    private long nodes;
    private long copies;

    /// @param deepest levels that a tree may have, aliases resolved
    Anchors(int deepest) {
        this.deepest = deepest;
    }

    /// A node stands in the text itself.
    void count() {
        nodes++;
    }

    void define(String name, JsonNode node) {
        byName.put(name, node);
    }

    /// A tree of the caller's own.
    ///
    /// @param depth levels above it
    /// @throws IOException for an anchor that is not there or not at its end, or too much growth
    JsonNode copy(String name, int depth) throws IOException {
        JsonNode node = byName.get(name);
        if (node == null) {
            throw new IOException("yaml: unknown anchor '" + name + "' referenced");
        }
        return copy(node, depth);
    }

    private JsonNode copy(JsonNode node, int depth) throws IOException {
        nodes++;
        copies++;
        if (nodes > SMALL_TEXT && copies > FEW_COPIES && (double) copies / nodes > allowed()) {
            throw new IOException("yaml: document contains excessive aliasing");
        }
        if (depth > deepest) {
            throw new IOException("yaml: exceeded max depth of " + deepest);
        }
        if (node instanceof ObjectNode object) {
            ObjectNode copy = object.objectNode();
            for (Map.Entry<String, JsonNode> entry : object.properties()) {
                copy.set(entry.getKey(), copy(entry.getValue(), depth + 1));
            }
            return copy;
        }
        if (node instanceof ArrayNode array) {
            ArrayNode copy = array.arrayNode();
            for (JsonNode item : array) {
                copy.add(copy(item, depth + 1));
            }
            return copy;
        }
        return node;
    }

    private double allowed() {
        if (nodes <= SMALL_NODES) {
            return MOST_COPIES_OF_SMALL;
        }
        if (nodes >= LARGE_NODES) {
            return MOST_COPIES_OF_LARGE;
        }
        double share = (double) (nodes - SMALL_NODES) / (LARGE_NODES - SMALL_NODES);
        return MOST_COPIES_OF_SMALL - (MOST_COPIES_OF_SMALL - MOST_COPIES_OF_LARGE) * share;
    }

    /// Adds what `<<` brings; what the object says itself stays.
    ///
    /// @throws IOException when that is no map, nor a list of maps
    static void merge(ObjectNode into, JsonNode from) throws IOException {
        switch (from) {
            case ObjectNode map -> {
                for (Map.Entry<String, JsonNode> entry : map.properties()) {
                    into.putIfAbsent(entry.getKey(), entry.getValue());
                }
            }
            case ArrayNode maps -> {
                for (JsonNode map : maps) {
                    if (!map.isObject()) {
                        throw new IOException("yaml: map merge requires map or sequence of maps as the value");
                    }
                    merge(into, map);
                }
            }
            default -> throw new IOException("yaml: map merge requires map or sequence of maps as the value");
        }
    }
}
