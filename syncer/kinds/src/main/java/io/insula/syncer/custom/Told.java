package io.insula.syncer.custom;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.insula.syncer.engine.HostWords;
import io.insula.syncer.engine.Trees;

/// What a tenant is told of the host's trees. Pure.
final class Told {

    private Told() {}

    /// Every text in it, keys too.
    static JsonNode inWords(JsonNode tree, HostWords words) {
        if (tree.isTextual()) {
            return TextNode.valueOf(words.translate(tree.asText()));
        }
        if (tree.isObject()) {
            var told = Trees.object();
            tree.properties().forEach(each -> {
                // a merge patch cannot say that something is null
                if (!each.getValue().isNull()) {
                    told.set(words.translate(each.getKey()), inWords(each.getValue(), words));
                }
            });
            return told;
        }
        if (tree.isArray()) {
            var told = Trees.object().putArray("all");
            tree.forEach(each -> told.add(inWords(each, words)));
            return told;
        }
        return tree;
    }

    /// The merge patch that makes one of the other. Source: RFC 7386.
    static ObjectNode difference(JsonNode current, JsonNode wanted) {
        var patch = Trees.object();
        current.fieldNames().forEachRemaining(name -> {
            if (!wanted.has(name)) {
                patch.putNull(name);
            }
        });
        wanted.properties().forEach(each -> {
            var have = current.path(each.getKey());
            if (have.isObject() && each.getValue().isObject()) {
                var inner = difference(have, each.getValue());
                if (!inner.isEmpty()) {
                    patch.set(each.getKey(), inner);
                }
            } else if (!have.equals(each.getValue())) {
                patch.set(each.getKey(), each.getValue());
            }
        });
        return patch;
    }
}
