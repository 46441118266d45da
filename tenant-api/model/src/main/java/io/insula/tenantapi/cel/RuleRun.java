package io.insula.tenantapi.cel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.cel.SchemaRules.Ratchet;
import io.insula.tenantapi.schema.Correlation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One validation of an object by its schema's rules, within one budget. Confined to a thread, used once.
final class RuleRun {

    private final List<FieldError> errors = new ArrayList<>();
    private final List<String> warnings;
    private long budget = CelLimits.RUNTIME_BUDGET;

    RuleRun(List<String> warnings) {
        this.warnings = warnings;
    }

    List<FieldError> errors() {
        return errors;
    }

    void validate(RuleNode node, String path, JsonNode value, @Nullable JsonNode old, Ratchet ratchet) {
        if (budget < 0 || value.isNull()) {
            return;
        }
        JsonNode before = old == null || old.isNull() ? null : old;
        if (!node.rules().isEmpty()) {
            rules(node, path, value, before, ratchet);
        }
        node.allOf().forEach(part -> validate(part, path, value, old, ratchet.withoutHere()));
        switch (value) {
            case ArrayNode array when node.items() != null -> elements(node, path, array, before, ratchet);
            case ObjectNode object -> fields(node, path, object, before, ratchet);
            default -> {}
        }
    }

    private void elements(RuleNode node, String path, ArrayNode array, @Nullable JsonNode old, Ratchet ratchet) {
        RuleNode items = node.items();
        for (int i = 0; items != null && i < array.size(); i++) {
            JsonNode before = old == null ? null : Correlation.elementOf(node.schema(), old, array.get(i));
            validate(items, path + "[" + i + "]", array.get(i), before, ratchet.index(i));
        }
    }

    private void fields(RuleNode node, String path, ObjectNode object, @Nullable JsonNode old, Ratchet ratchet) {
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            String name = field.getKey();
            JsonNode before = old == null ? null : old.get(name);
            RuleNode additional = node.additional();
            if (additional != null) {
                validate(additional, path + "[" + name + "]", field.getValue(), before, ratchet.key(name));
            }
            RuleNode property = node.properties().get(name);
            if (property != null) {
                validate(property, child(path, name), field.getValue(), before, ratchet.key(name));
            }
        }
    }

    private void rules(RuleNode node, String path, JsonNode value, @Nullable JsonNode old, Ratchet ratchet) {
        Object shown = node.schema().path("type").asText("");
        if (budget == 0) {
            outOfBudget(path, shown);
            return;
        }
        var variables = new HashMap<String, Object>();
        variables.put(Rule.SELF, CelValues.of(value, node.schema(), node.root()));
        var withOptional = new HashMap<>(variables);
        boolean usesOld = node.rules().stream().anyMatch(Rule::usesOldSelf);
        if (usesOld) {
            Optional<Object> before = Optional.ofNullable(old).map(o -> CelValues.of(o, node.schema(), node.root()));
            before.ifPresent(o -> variables.put(Rule.OLD_SELF, o));
            withOptional.put(Rule.OLD_SELF, before);
        }
        for (Rule rule : node.rules()) {
            if (budget < 0) {
                return;
            }
            boolean waitsForOld = rule.usesOldSelf() && old == null && !rule.optionalOldSelf();
            if (!waitsForOld) {
                evaluate(rule, path, shown, rule.optionalOldSelf() ? withOptional : variables, ratchet);
            }
        }
    }

    private void evaluate(Rule rule, String path, Object shown, Map<String, Object> variables, Ratchet ratchet) {
        if (!rule.error().isEmpty()) {
            errors.add(invalid(path, shown, "rule compile error: " + rule.error()));
            return;
        }
        CelExpression program = rule.program();
        if (program == null) {
            return;
        }
        try {
            CelExpression.Result result = program.evaluate(variables, CelLimits.PER_CALL);
            if (!spend(result.cost())) {
                outOfBudget(path, shown);
            } else if (!result.isTrue()) {
                refuse(rule, path, shown, variables, ratchet);
            }
        } catch (CelException e) {
            failed(rule, path, shown, e);
        }
    }

    private void failed(Rule rule, String path, Object shown, CelException failure) {
        if (!spend(failure.cost())) {
            outOfBudget(path, shown);
            return;
        }
        String text = failure.text();
        if (text.startsWith("no such overload")) {
            text = "'" + text + "': call arguments did not match a supported operator, function or macro signature for"
                    + " rule: " + rule.shown();
        } else if (failure.isCostExceeded()) {
            text = "'" + text + "': no further validation rules will be run due to call cost exceeds limit for rule: "
                    + rule.shown();
            budget = -1;
        } else {
            text = text + " evaluating rule: " + rule.shown();
        }
        errors.add(invalid(path, shown, text));
    }

    private void refuse(Rule rule, String path, Object shown, Map<String, Object> variables, Ratchet ratchet) {
        String at = path + rule.source().path("fieldPath").asText("");
        at = at.startsWith(".") ? at.substring(1) : at;
        String message = rule.detail();
        CelExpression expression = rule.messageProgram();
        if (expression != null) {
            Optional<String> made = message(expression, at, shown, variables);
            if (budget < 0) {
                return;
            }
            message = made.orElse(message);
        }
        FieldError error = switch (rule.source().path("reason").asText("")) {
            case "FieldValueForbidden" -> FieldError.forbidden(at, message);
            case "FieldValueRequired" -> FieldError.required(at, message);
            case "FieldValueDuplicate" -> FieldError.duplicate(at, shown);
            default -> invalid(at, shown, message);
        };
        if (!rule.usesOldSelf() && ratchet.tolerates()) {
            warnings.add(error.toString());
        } else {
            errors.add(error);
        }
    }

    private Optional<String> message(
            CelExpression expression, String path, Object shown, Map<String, Object> variables) {
        try {
            CelExpression.Result result = expression.evaluate(variables, CelLimits.PER_CALL);
            if (!spend(result.cost())) {
                errors.add(invalid(
                        path,
                        shown,
                        "messageExpression evaluation failed due to running out of cost budget, no further validation"
                                + " rules will be run"));
                return Optional.empty();
            }
            return Optional.of(result.value().toString().strip())
                    .filter(text -> !text.isEmpty() && !text.contains("\n"))
                    .filter(text -> text.getBytes(StandardCharsets.UTF_8).length <= CelLimits.MAX_MESSAGE_BYTES);
        } catch (CelException e) {
            if (e.isCostExceeded()) {
                budget = -1;
                errors.add(invalid(
                        path,
                        shown,
                        "no further validation rules will be run due to call cost exceeds limit for"
                                + " messageExpression: \"" + expression.source() + "\""));
            } else if (!spend(e.cost())) {
                outOfBudget(path, shown);
            }
            return Optional.empty();
        }
    }

    private boolean spend(long cost) {
        budget = cost > budget ? -1 : budget - cost;
        return budget >= 0;
    }

    private void outOfBudget(String path, Object shown) {
        budget = -1;
        errors.add(invalid(
                path,
                shown,
                "validation failed due to running out of cost budget, no further validation rules will be run"));
    }

    /// The root has no name; upstream prints it so.
    private static FieldError invalid(String path, Object shown, String detail) {
        return FieldError.invalid(path.isEmpty() ? "<nil>" : path, shown, detail);
    }

    private static String child(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }
}
