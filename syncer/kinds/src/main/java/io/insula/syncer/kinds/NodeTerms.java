package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiPredicate;

/// Whether a node is what a pod asks for. Pure.
///
/// Source: kubernetes/component-helpers, `scheduling/corev1/nodeaffinity`.
final class NodeTerms {

    /// The one field of nodes that can be asked for.
    static final String NAME = "metadata.name";

    private NodeTerms() {}

    /// A term without any requirement matches no node.
    static boolean matches(NodeSelectorTerm term, String node, Map<String, String> labels) {
        boolean empty =
                term.getMatchExpressions().isEmpty() && term.getMatchFields().isEmpty();
        return !empty
                && term.getMatchExpressions().stream()
                        .allMatch(each -> matches(each, Optional.ofNullable(labels.get(each.getKey()))))
                && term.getMatchFields().stream()
                        .allMatch(each -> each.getKey().equals(NAME) && matches(each, Optional.of(node)));
    }

    private static boolean matches(NodeSelectorRequirement requirement, Optional<String> value) {
        List<String> values = requirement.getValues();
        return switch (Objects.requireNonNullElse(requirement.getOperator(), "")) {
            case "In" -> value.filter(values::contains).isPresent();
            case "NotIn" -> value.filter(values::contains).isEmpty();
            case "Exists" -> value.isPresent();
            case "DoesNotExist" -> value.isEmpty();
            case "Gt" -> compares(value, values, (one, other) -> one.compareTo(other) > 0);
            case "Lt" -> compares(value, values, (one, other) -> one.compareTo(other) < 0);
            default -> false;
        };
    }

    private static boolean compares(
            Optional<String> value, List<String> values, BiPredicate<BigInteger, BigInteger> comparison) {
        try {
            return value.isPresent()
                    && values.size() == 1
                    && comparison.test(new BigInteger(value.get()), new BigInteger(values.getFirst()));
        } catch (NumberFormatException e) {
            return false;
        }
    }
}
