package io.insula.tenantapi.selector;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.selector.Requirement.Operator;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// A conjunction of [Requirement]s over labels. Immutable.
public final class LabelSelector {

    private static final LabelSelector EVERYTHING = new LabelSelector(List.of(), true);
    private static final LabelSelector NOTHING = new LabelSelector(List.of(), false);

    private final List<Requirement> requirements;
    private final boolean possible;

    private LabelSelector(List<Requirement> requirements, boolean possible) {
        this.requirements = List.copyOf(requirements);
        this.possible = possible;
    }

    public static LabelSelector everything() {
        return EVERYTHING;
    }

    public static LabelSelector nothing() {
        return NOTHING;
    }

    /// Parses the query string form, `a=b,c in (d,e),!f`; the empty string selects everything.
    ///
    /// @throws ApiException 400 with upstream's wording
    public static LabelSelector parse(String text) {
        List<Requirement> requirements = new LabelSelectorParser(text).parse();
        return requirements.isEmpty() ? EVERYTHING : new LabelSelector(requirements, true);
    }

    /// Selects objects that carry all of `labels`.
    public static LabelSelector ofMap(Map<String, String> labels) {
        var requirements = new ArrayList<Requirement>();
        labels.forEach((key, value) -> requirements.add(new Requirement(key, Operator.EQUALS, List.of(value))));
        requirements.sort(Comparator.comparing(Requirement::key));
        return requirements.isEmpty() ? EVERYTHING : new LabelSelector(requirements, true);
    }

    /// Reads a `LabelSelector` object, `{matchLabels, matchExpressions}`: missing or null selects nothing,
    /// empty selects everything. Source: kubernetes/apimachinery, `LabelSelectorAsSelector`.
    ///
    /// @throws ApiException 400 where it is not valid; [#validate] says more
    public static LabelSelector of(JsonNode object) {
        if (object.isMissingNode() || object.isNull()) {
            return NOTHING;
        }
        var requirements = new ArrayList<Requirement>();
        for (var label : object.path("matchLabels").properties()) {
            requirements.add(Requirement.of(
                    label.getKey(), Operator.EQUALS, List.of(label.getValue().asText())));
        }
        for (JsonNode expression : object.path("matchExpressions")) {
            requirements.add(requirement(expression));
        }
        requirements.sort(Comparator.comparing(Requirement::key));
        return requirements.isEmpty() ? EVERYTHING : new LabelSelector(requirements, true);
    }

    /// Every fault of a `LabelSelector` object. Source: kubernetes/apimachinery, `ValidateLabelSelector`.
    ///
    /// @param field where the object stands, e.g. `spec.selector`
    public static List<FieldError> validate(String field, JsonNode object) {
        var errors = new ArrayList<FieldError>();
        for (var label : object.path("matchLabels").properties()) {
            String value = label.getValue().asText();
            LabelSyntax.keyErrors(label.getKey())
                    .forEach(why -> errors.add(FieldError.invalid(field + ".matchLabels", label.getKey(), why)));
            LabelSyntax.valueErrors(value)
                    .forEach(why -> errors.add(FieldError.invalid(field + ".matchLabels", value, why)));
        }
        int index = 0;
        for (JsonNode expression : object.path("matchExpressions")) {
            validateExpression(field + ".matchExpressions[" + index++ + "]", expression, errors);
        }
        return errors;
    }

    public boolean matches(Map<String, String> labels) {
        if (!possible) {
            return false;
        }
        for (Requirement requirement : requirements) {
            if (!requirement.matches(labels)) {
                return false;
            }
        }
        return true;
    }

    /// Whether every object matches.
    public boolean isEverything() {
        return possible && requirements.isEmpty();
    }

    /// Empty both for everything and for nothing.
    public List<Requirement> requirements() {
        return requirements;
    }

    private static Requirement requirement(JsonNode expression) {
        String name = expression.path("operator").asText();
        Operator operator = switch (name) {
            case "In" -> Operator.IN;
            case "NotIn" -> Operator.NOT_IN;
            case "Exists" -> Operator.EXISTS;
            case "DoesNotExist" -> Operator.DOES_NOT_EXIST;
            default -> throw ApiException.badRequest("\"" + name + "\" is not a valid label selector operator");
        };
        return Requirement.of(expression.path("key").asText(), operator, texts(expression.path("values")));
    }

    private static void validateExpression(String field, JsonNode expression, List<FieldError> errors) {
        String operator = expression.path("operator").asText();
        List<String> values = texts(expression.path("values"));
        switch (operator) {
            case "In", "NotIn" -> {
                if (values.isEmpty()) {
                    errors.add(FieldError.required(
                            field + ".values", "must be specified when `operator` is 'In' or 'NotIn'"));
                }
            }
            case "Exists", "DoesNotExist" -> {
                if (!values.isEmpty()) {
                    errors.add(FieldError.forbidden(
                            field + ".values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
                }
            }
            default -> errors.add(FieldError.invalid(field + ".operator", operator, "not a valid selector operator"));
        }
        String key = expression.path("key").asText();
        LabelSyntax.keyErrors(key).forEach(why -> errors.add(FieldError.invalid(field + ".key", key, why)));
        for (int i = 0; i < values.size(); i++) {
            String at = field + ".values[" + i + "]";
            String value = values.get(i);
            LabelSyntax.valueErrors(value).forEach(why -> errors.add(FieldError.invalid(at, value, why)));
        }
    }

    private static List<String> texts(JsonNode array) {
        var texts = new ArrayList<String>();
        array.forEach(node -> texts.add(node.asText()));
        return texts;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LabelSelector that
                && possible == that.possible
                && requirements.equals(that.requirements);
    }

    @Override
    public int hashCode() {
        return requirements.hashCode() + (possible ? 1 : 0);
    }

    /// The query string form; everything and nothing are both empty.
    @Override
    public String toString() {
        return requirements.stream().map(Requirement::toString).collect(Collectors.joining(","));
    }
}
