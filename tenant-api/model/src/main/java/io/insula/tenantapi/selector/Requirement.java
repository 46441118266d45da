package io.insula.tenantapi.selector;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.insula.rules.labels.LabelRules;
import io.insula.tenantapi.api.ApiException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// One condition of a [LabelSelector]. Immutable.
///
/// @param values sorted, without duplicates; exactly one for `=`, `==`, `!=`, `>` and `<`; empty for the unary ones
public record Requirement(String key, Operator operator, List<String> values) {

    /// The operators of the query string form; a `LabelSelector` object knows only In, NotIn, Exists, DoesNotExist.
    public enum Operator {
        IN("in", "In"),
        NOT_IN("notin", "NotIn"),
        EQUALS("=", "In"),
        DOUBLE_EQUALS("==", "In"),
        NOT_EQUALS("!=", "NotIn"),
        GREATER("gt", "Gt"),
        LESS("lt", "Lt"),
        EXISTS("exists", "Exists"),
        DOES_NOT_EXIST("!", "DoesNotExist");

        private final String text;
        /// What it asks for, as [LabelRules] names it.
        private final String rule;

        Operator(String text, String rule) {
            this.text = text;
            this.rule = rule;
        }

        String text() {
            return text;
        }
    }

    public Requirement {
        values = List.copyOf(values);
    }

    /// Checks key and values. Source: kubernetes/apimachinery, `labels.NewRequirement`.
    static Requirement of(String key, Operator operator, Collection<String> values) {
        var sorted = List.copyOf(new TreeSet<>(values));
        refuse("key", key, String.join("; ", LabelSyntax.keyErrors(key)));
        switch (operator) {
            case IN, NOT_IN -> {
                if (sorted.isEmpty()) {
                    refuse("values", sorted, "for 'in', 'notin' operators, values set can't be empty");
                }
            }
            case EQUALS, DOUBLE_EQUALS, NOT_EQUALS -> {
                if (sorted.size() != 1) {
                    refuse("values", sorted, "exact-match compatibility requires one single value");
                }
            }
            case EXISTS, DOES_NOT_EXIST -> {
                if (!sorted.isEmpty()) {
                    refuse("values", sorted, "values set must be empty for exists and does not exist");
                }
            }
            case GREATER, LESS -> {
                if (sorted.size() != 1) {
                    refuse("values", sorted, "for 'Gt', 'Lt' operators, exactly one value is required");
                }
                if (number(sorted.getFirst()) == null) {
                    refuse("values[0]", sorted.getFirst(), "for 'Gt', 'Lt' operators, the value must be an integer");
                }
            }
        }
        for (int i = 0; i < sorted.size(); i++) {
            String value = sorted.get(i);
            refuse("values[" + i + "][" + key + "]", value, String.join("; ", LabelSyntax.valueErrors(value)));
        }
        return new Requirement(key, operator, sorted);
    }

    boolean matches(Map<String, String> labels) {
        return LabelRules.matches(operator.rule, values, labels.get(key));
    }

    private static @Nullable Long number(String text) {
        try {
            return Long.valueOf(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static void refuse(String field, Object value, String why) {
        if (why.isEmpty()) {
            return;
        }
        var nodes = JsonNodeFactory.instance;
        String shown = value instanceof String text
                ? nodes.textNode(text).toString()
                : nodes.pojoNode(value).toString();
        throw ApiException.badRequest(
                "unable to parse requirement: " + field + ": Invalid value: " + shown + ": " + why);
    }

    /// The query string form.
    @Override
    public String toString() {
        return switch (operator) {
            case IN, NOT_IN -> key + " " + operator.text + " (" + String.join(",", values) + ")";
            case EXISTS -> key;
            case DOES_NOT_EXIST -> "!" + key;
            case GREATER -> key + ">" + values.getFirst();
            case LESS -> key + "<" + values.getFirst();
            case EQUALS, DOUBLE_EQUALS, NOT_EQUALS -> key + operator.text + values.getFirst();
        };
    }
}
