package io.insula.tenantapi.controllers.apps;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;

/// Compares and hashes pod templates. Two templates are equal if their trees are, whatever the order of
/// fields, nulls, and the label `pod-template-hash` apart.
///
/// The hash is FNV-32a written in upstream's vowel-free alphabet, over our own canonical text: upstream
/// hashes a dump of its Go structures, which nobody else can reproduce, and finds existing replica sets by
/// comparing templates as we do.
final class PodTemplates {

    private static final String ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

    private PodTemplates() {}

    static boolean equal(JsonNode one, JsonNode other) {
        return canonical(one).equals(canonical(other));
    }

    /// @param collisionCount how often the name was found taken by another template; 0 at first
    static String hash(JsonNode template, int collisionCount) {
        byte[] text = canonical(template).getBytes(StandardCharsets.UTF_8);
        int hash = fnv(0x811c9dc5, text);
        if (collisionCount > 0) {
            hash = fnv(hash, Integer.toString(collisionCount).getBytes(StandardCharsets.UTF_8));
        }
        String digits = Integer.toUnsignedString(hash);
        var safe = new StringBuilder();
        for (int i = 0; i < digits.length(); i++) {
            safe.append(ALPHABET.charAt(digits.charAt(i) % ALPHABET.length()));
        }
        return safe.toString();
    }

    /// Text with sorted fields and without nulls.
    static String canonical(JsonNode template) {
        ObjectNode copy = template.deepCopy();
        if (copy.path("metadata").path("labels") instanceof ObjectNode labels) {
            labels.remove(ReplicaSets.HASH);
        }
        var text = new StringBuilder();
        write(copy, text);
        return text.toString();
    }

    /// A copy whose objects have their keys in order, as Go writes maps.
    static JsonNode sorted(JsonNode node) {
        if (node.isObject()) {
            var fields = new TreeMap<String, JsonNode>();
            node.properties().forEach(e -> fields.put(e.getKey(), sorted(e.getValue())));
            ObjectNode copy = Json.object();
            fields.forEach(copy::set);
            return copy;
        }
        if (node.isArray()) {
            var copy = Json.MAPPER.createArrayNode();
            node.forEach(item -> copy.add(sorted(item)));
            return copy;
        }
        return node.deepCopy();
    }

    private static void write(JsonNode node, StringBuilder text) {
        if (node.isObject()) {
            var sorted = new TreeMap<String, JsonNode>();
            node.properties().forEach(e -> sorted.put(e.getKey(), e.getValue()));
            text.append('{');
            sorted.forEach((name, value) -> {
                if (!value.isNull()) {
                    text.append('"').append(name).append("\":");
                    write(value, text);
                    text.append(',');
                }
            });
            text.append('}');
        } else if (node.isArray()) {
            text.append('[');
            node.forEach(item -> {
                write(item, text);
                text.append(',');
            });
            text.append(']');
        } else {
            text.append(node);
        }
    }

    private static int fnv(int start, byte[] bytes) {
        int hash = start;
        for (byte b : bytes) {
            hash = (hash ^ (b & 0xff)) * 0x01000193;
        }
        return hash;
    }
}
