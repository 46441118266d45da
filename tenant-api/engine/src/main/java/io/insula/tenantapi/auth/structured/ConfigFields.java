package io.insula.tenantapi.auth.structured;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Which fields a configuration may have: a field that is misspelt would silently not protect anything.
final class ConfigFields {

    /// Path, without indices, to names below it.
    private static final Map<String, Set<String>> KNOWN = Map.ofEntries(
            Map.entry("", Set.of("apiVersion", "kind", "jwt", "anonymous")),
            Map.entry(".jwt", Set.of("issuer", "claimValidationRules", "claimMappings", "userValidationRules")),
            Map.entry(
                    ".jwt.issuer",
                    Set.of("url", "discoveryURL", "certificateAuthority", "audiences", "audienceMatchPolicy")),
            Map.entry(".jwt.claimValidationRules", Set.of("claim", "requiredValue", "expression", "message")),
            Map.entry(".jwt.claimMappings", Set.of("username", "groups", "uid", "extra")),
            Map.entry(".jwt.claimMappings.username", Set.of("claim", "prefix", "expression")),
            Map.entry(".jwt.claimMappings.groups", Set.of("claim", "prefix", "expression")),
            Map.entry(".jwt.claimMappings.uid", Set.of("claim", "expression")),
            Map.entry(".jwt.claimMappings.extra", Set.of("key", "valueExpression")),
            Map.entry(".jwt.userValidationRules", Set.of("expression", "message")),
            Map.entry(".anonymous", Set.of("enabled", "conditions")),
            Map.entry(".anonymous.conditions", Set.of("path")));

    private ConfigFields() {}

    /// The paths of all others.
    static List<String> unknown(JsonNode tree) {
        var found = new ArrayList<String>();
        visit(tree, "", "", found);
        return found;
    }

    private static void visit(JsonNode node, String shape, String path, List<String> found) {
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            visit(node.get(i), shape, path + "[" + i + "]", found);
        }
        Set<String> known = KNOWN.getOrDefault(shape, Set.of());
        node.properties().forEach(field -> {
            String below = path.isEmpty() ? field.getKey() : path + "." + field.getKey();
            if (known.contains(field.getKey())) {
                visit(field.getValue(), shape + "." + field.getKey(), below, found);
            } else {
                found.add(below);
            }
        });
    }
}
