package io.insula.tenantapi.cel;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One place of a schema with its compiled rules, and the places below that have some. Immutable.
///
/// @param schema of the value; for an allOf, the schema that it belongs to
/// @param root whether the value is a whole object
record RuleNode(
        JsonNode schema,
        boolean root,
        List<Rule> rules,
        @Nullable RuleNode items,
        @Nullable RuleNode additional,
        Map<String, RuleNode> properties,
        List<RuleNode> allOf) {

    static RuleNode compile(JsonNode schema) {
        DeclType type = DeclType.of(schema, true, "selfType").orElse(null);
        RuleNode node = node(schema, schema, true, type);
        return node == null ? new RuleNode(schema, true, List.of(), null, null, Map.of(), List.of()) : node;
    }

    /// Null where neither this place nor any below has rules.
    ///
    /// @param rules the schema that has the rules: `schema` or a part of its allOf
    private static @Nullable RuleNode node(JsonNode rules, JsonNode schema, boolean root, @Nullable DeclType type) {
        if (!SchemaRules.hasRules(rules)) {
            return null;
        }
        List<Rule> compiled = type == null ? List.of() : Rule.compile(rules.path("x-kubernetes-validations"), type);
        DeclType element = type == null ? null : type.element();
        var allOf = new ArrayList<RuleNode>();
        for (JsonNode part : rules.path("allOf")) {
            RuleNode below = node(part, schema, root, type);
            if (below != null) {
                allOf.add(below);
            }
        }
        return new RuleNode(
                schema,
                root,
                compiled,
                below(rules.path("items"), schema.path("items"), element),
                below(rules.path("additionalProperties"), schema.path("additionalProperties"), element),
                properties(rules, schema, type),
                List.copyOf(allOf));
    }

    private static Map<String, RuleNode> properties(JsonNode rules, JsonNode schema, @Nullable DeclType type) {
        var all = new LinkedHashMap<String, RuleNode>();
        for (Map.Entry<String, JsonNode> property : rules.path("properties").properties()) {
            String name = property.getKey();
            JsonNode known = schema.path("properties").path(name);
            DeclType own = type == null
                    ? null
                    : FieldNames.escape(name)
                            .map(escaped -> type.fields().get(escaped))
                            .orElseGet(() -> DeclType.of(known, DeclType.isEmbedded(known), "selfType." + name)
                                    .orElse(null));
            RuleNode below = below(property.getValue(), known, own);
            if (below != null) {
                all.put(name, below);
            }
        }
        return Map.copyOf(all);
    }

    private static @Nullable RuleNode below(JsonNode rules, JsonNode schema, @Nullable DeclType type) {
        boolean both = rules.isObject() && schema.isObject();
        return both && type != null ? node(rules, schema, DeclType.isEmbedded(schema), type) : null;
    }
}
