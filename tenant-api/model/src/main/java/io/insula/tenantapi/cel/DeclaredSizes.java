package io.insula.tenantapi.cel;

import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What is known of sizes before anything is computed.
interface DeclaredSizes {

    /// @param path a variable and what is selected of it, with `@items`, `@keys` and `@values`; empty
    ///     where the value does not come from a variable
    Optional<Cost> at(List<String> path, CelType type);

    /// As a schema has it.
    ///
    /// @param root of the data; null where there is no schema
    static DeclaredSizes of(@Nullable DeclType root) {
        return (path, _) -> root == null ? Optional.empty() : at(root, path);
    }

    /// The first part of a path is cut off as the variable, whatever it is: upstream takes the elements of a
    /// computed list (`cond ? self.list : []`) for the variable itself, and rules of well-known projects are
    /// accepted by that.
    private static Optional<Cost> at(DeclType root, List<String> path) {
        if (path.isEmpty()) {
            return Optional.empty();
        }
        DeclType at = root;
        for (String part : path.subList(1, path.size())) {
            DeclType next = switch (part) {
                case "@items", "@values" -> at.element();
                case "@keys" -> at.element() == null ? null : key();
                default -> at.fields().get(part);
            };
            if (next == null) {
                return Optional.empty();
            }
            at = next;
        }
        return Optional.of(new Cost(0, at.maxElements()));
    }

    private static DeclType key() {
        return new DeclType(SimpleType.STRING, Map.of(), null, 0, CelLimits.MIN_STRING);
    }
}
