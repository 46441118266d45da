package io.insula.tenantapi.cel;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.FieldError;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Whether the rules of a definition's schema may be accepted. Source: kubernetes/apiextensions-apiserver,
/// `apis/apiextensions/validation/validation.go` and `cel_validation.go`.
final class RuleCheck {

    private static final List<String> REASONS =
            List.of("FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired");
    private static final String RULES = "x-kubernetes-validations";
    private static final int SHOWN_EXPENSIVE = 4;

    private final List<FieldError> schemaErrors = new ArrayList<>();
    private final List<FieldError> errors = new ArrayList<>();
    private final List<Expensive> expensive = new ArrayList<>();
    private long total;

    private record Expensive(String path, long cost) {}

    /// Where in a schema a rule stands.
    ///
    /// @param times how often a value of this schema may occur; null when there is no bound
    /// @param uncorrelatable the list or map above whose elements have no old ones; empty when none
    private record Place(
            String path,
            boolean root,
            @Nullable DeclType type,
            @Nullable Long times,
            String uncorrelatable) {}

    private RuleCheck() {}

    static List<FieldError> check(String path, JsonNode schema) {
        var run = new RuleCheck();
        run.texts(schema, path);
        if (!run.schemaErrors.isEmpty()) {
            return run.schemaErrors;
        }
        DeclType type = DeclType.of(schema, true, "selfType").orElse(null);
        run.visit(schema, new Place(path, true, type, 1L, ""));
        run.total(path);
        return run.errors;
    }

    /// What can be said of the rules without compiling them.
    private void texts(JsonNode schema, String path) {
        int i = 0;
        for (JsonNode rule : schema.path(RULES)) {
            texts(rule, schema, path + "." + RULES + "[" + i++ + "]");
        }
        for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
            texts(property.getValue(), path + ".properties[" + property.getKey() + "]");
        }
        for (String part : List.of("items", "additionalProperties")) {
            if (schema.path(part).isObject()) {
                texts(schema.path(part), path + "." + part);
            }
        }
    }

    private void texts(JsonNode rule, JsonNode schema, String path) {
        String text = rule.path("rule").asText("");
        String message = rule.path("message").asText("");
        if (text.isBlank()) {
            schemaErrors.add(FieldError.required(path + ".rule", "rule is not specified"));
        } else if (!message.isEmpty() && message.isBlank()) {
            schemaErrors.add(FieldError.invalid(path + ".message", message, "must be non-empty if specified"));
        } else if (hasLineBreak(message.strip())) {
            schemaErrors.add(FieldError.invalid(path + ".message", message, "must not contain line breaks"));
        } else if (hasLineBreak(text.strip()) && message.isBlank()) {
            schemaErrors.add(
                    FieldError.required(path + ".message", "message must be specified if rule contains line breaks"));
        }
        String expression = rule.path("messageExpression").asText("");
        if (!expression.isEmpty() && expression.isBlank()) {
            schemaErrors.add(FieldError.required(
                    path + ".messageExpression", "messageExpression must be non-empty if specified"));
        }
        JsonNode reason = rule.path("reason");
        if (reason.isTextual() && !REASONS.contains(reason.asText())) {
            schemaErrors.add(FieldError.notSupported(path + ".reason", reason.asText(), REASONS));
        }
        fieldPath(rule.path("fieldPath").asText(""), schema, path + ".fieldPath");
    }

    private void fieldPath(String text, JsonNode schema, String path) {
        if (text.isEmpty()) {
            return;
        }
        if (text.isBlank()) {
            schemaErrors.add(FieldError.invalid(path, text, "must be non-empty if specified"));
        }
        if (hasLineBreak(text)) {
            schemaErrors.add(FieldError.invalid(path, text, "must not contain line breaks"));
        }
        if (FieldPaths.find(text, schema, true).isEmpty()) {
            schemaErrors.add(FieldError.invalid(path, text, "must be a valid path"));
        }
    }

    private static boolean hasLineBreak(String text) {
        return text.contains("\n") || text.contains("\r");
    }

    private void visit(JsonNode schema, Place place) {
        if (!SchemaRules.hasRules(schema)) {
            return;
        }
        DeclType type = place.type();
        if (type == null) {
            if (!schema.path(RULES).isEmpty()) {
                errors.add(FieldError.invalid(
                        place.path() + "." + RULES,
                        "",
                        "internal error: failed to construct type information for x-kubernetes-validations rules:"
                                + " unable to convert structural schema to CEL declarations"));
            }
            return;
        }
        rules(schema, place, type);
        Long below = times(schema, place.times());
        for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
            JsonNode child = property.getValue();
            String name = property.getKey();
            DeclType own = FieldNames.escape(name)
                    .map(escaped -> type.fields().get(escaped))
                    .orElseGet(() -> DeclType.of(child, DeclType.isEmbedded(child), "selfType." + name)
                            .orElse(null));
            visit(
                    child,
                    new Place(
                            place.path() + ".properties[" + name + "]",
                            DeclType.isEmbedded(child),
                            own,
                            below,
                            place.uncorrelatable()));
        }
        element(schema, "items", place, type, below);
        element(schema, "additionalProperties", place, type, below);
    }

    private void element(JsonNode schema, String part, Place place, DeclType type, @Nullable Long times) {
        JsonNode child = schema.path(part);
        if (!child.isObject()) {
            return;
        }
        boolean isList = part.equals("items");
        boolean correlates =
                !isList || schema.path("x-kubernetes-list-type").asText("").equals("map");
        String uncorrelatable = place.uncorrelatable().isEmpty() && !correlates ? place.path() : place.uncorrelatable();
        visit(
                child,
                new Place(
                        place.path() + "." + part, DeclType.isEmbedded(child), type.element(), times, uncorrelatable));
    }

    private static @Nullable Long times(JsonNode schema, @Nullable Long outside) {
        if (outside == null) {
            return null;
        }
        String limit = switch (schema.path("type").asText("")) {
            case "array" -> "maxItems";
            case "object" -> schema.has("additionalProperties") ? "maxProperties" : "";
            default -> "";
        };
        if (limit.isEmpty()) {
            return outside;
        }
        return schema.path(limit).isNumber()
                ? Cost.product(outside, Math.max(0, schema.path(limit).asLong()))
                : null;
    }

    private void rules(JsonNode schema, Place place, DeclType type) {
        List<Rule> rules = Rule.compile(schema.path(RULES), type);
        for (int i = 0; i < rules.size(); i++) {
            rule(rules.get(i), place.path() + "." + RULES + "[" + i + "]", place, type);
        }
    }

    private void rule(Rule rule, String path, Place place, DeclType type) {
        CelExpression program = rule.program();
        if (program == null) {
            errors.add(FieldError.invalid(path + ".rule", rule.source(), rule.error()));
            return;
        }
        long most = CelLimits.MAX_REQUEST_BYTES / (type.minSize() + 1);
        long cost = Cost.product(program.estimate(type), place.times() == null ? most : place.times());
        limit(path + ".rule", "estimated rule cost", cost);
        CelExpression message = rule.messageProgram();
        if (!rule.messageError().isEmpty()) {
            errors.add(FieldError.invalid(path + ".messageExpression", rule.source(), rule.messageError()));
        } else if (message != null) {
            limit(path + ".messageExpression", "estimated messageExpression cost", message.estimate(type));
        }
        if (rule.usesOldSelf() && !place.uncorrelatable().isEmpty()) {
            errors.add(FieldError.invalid(
                    path + ".rule",
                    program.source(),
                    "oldSelf cannot be used on the uncorrelatable portion of the schema within "
                            + place.uncorrelatable()));
        }
        if (!rule.usesOldSelf() && rule.source().has("optionalOldSelf")) {
            errors.add(FieldError.invalid(
                    path + ".optionalOldSelf",
                    rule.source().path("optionalOldSelf").asBoolean(),
                    "may not be set if oldSelf is not used in rule"));
        }
    }

    private void limit(String path, String what, long cost) {
        if (cost > CelLimits.ESTIMATE_PER_RULE) {
            errors.add(FieldError.forbidden(path, tooExpensive(what, cost, CelLimits.ESTIMATE_PER_RULE)));
        }
        total = Cost.sum(total, cost);
        if (cost >= CelLimits.ESTIMATE_PER_DEFINITION / 100) {
            expensive.add(new Expensive(path, cost));
        }
    }

    private void total(String path) {
        if (total <= CelLimits.ESTIMATE_PER_DEFINITION) {
            return;
        }
        expensive.stream()
                .sorted(Comparator.comparingLong(Expensive::cost).reversed())
                .limit(SHOWN_EXPENSIVE)
                .forEach(e -> errors.add(FieldError.forbidden(
                        e.path(),
                        "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema")));
        errors.add(FieldError.forbidden(
                path,
                tooExpensive(
                        "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema",
                        total,
                        CelLimits.ESTIMATE_PER_DEFINITION)));
    }

    static String tooExpensive(String what, long cost, long limit) {
        double factor = (double) cost / limit;
        String shown;
        if (factor > 100) {
            shown = "more than 100x";
        } else if (factor < 1.5) {
            shown = String.format(Locale.ROOT, "%fx", factor);
        } else {
            shown = String.format(Locale.ROOT, "%.1fx", factor);
        }
        return what + " exceeds budget by factor of " + shown + " (try simplifying the rule, or adding maxItems,"
                + " maxProperties, and maxLength where arrays, maps, and strings are declared)";
    }
}
