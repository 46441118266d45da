package io.insula.rules.labels;

import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Whether labels are what a selector asks for. Pure.
///
/// Source: Kubernetes documentation, "Labels and Selectors", "Set-based requirement"; kubernetes/apimachinery,
/// `labels.Requirement.Matches`.
public final class LabelRules {

    private LabelRules() {}

    /// Whether all of these labels are there with these values.
    ///
    /// @param wanted a selector's `matchLabels`; null for none
    public static boolean hasAll(Map<String, String> labels, @Nullable Map<String, String> wanted) {
        return wanted == null
                || wanted.entrySet().stream().allMatch(each -> each.getValue().equals(labels.get(each.getKey())));
    }

    /// Whether the value that a label has is what one of a selector's `matchExpressions` asks for.
    ///
    /// @param operator `In`, `NotIn`, `Exists`, `DoesNotExist`, and `Gt` and `Lt` as selectors of nodes have them;
    ///     with any other nobody is meant
    /// @param values exactly one for `Gt` and `Lt`
    /// @param value null where there is no such label
    public static boolean matches(@Nullable String operator, Collection<String> values, @Nullable String value) {
        return switch (operator == null ? "" : operator) {
            case "In" -> value != null && values.contains(value);
            case "NotIn" -> value == null || !values.contains(value);
            case "Exists" -> value != null;
            case "DoesNotExist" -> value == null;
            case "Gt" -> compares(values, value, 1);
            case "Lt" -> compares(values, value, -1);
            default -> false;
        };
    }

    private static boolean compares(Collection<String> values, @Nullable String value, int sign) {
        if (value == null || values.size() != 1) {
            return false;
        }
        Long actual = number(value);
        Long bound = number(values.iterator().next());
        return actual != null && bound != null && Long.compare(actual, bound) == sign;
    }

    private static @Nullable Long number(String text) {
        try {
            return Long.valueOf(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
