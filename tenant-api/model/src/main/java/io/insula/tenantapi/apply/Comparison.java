package io.insula.tenantapi.apply;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.apply.Types.Form;
import io.insula.tenantapi.schema.JsonValues;
import io.insula.tenantapi.schema.SchemaType;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Which fields differ between two objects; no field is in more than one of the sets. Source:
/// structured-merge-diff, `typed/compare.go`.
record Comparison(FieldSet added, FieldSet modified, FieldSet removed) {

    static Comparison of(SchemaType type, JsonNode before, JsonNode after) {
        var walk = new Walk();
        walk.compare(type, before, after);
        return new Comparison(walk.added.build(), walk.modified.build(), walk.removed.build());
    }

    /// Without `excluded` and all below it.
    Comparison without(FieldSet excluded) {
        return excluded.isEmpty()
                ? this
                : new Comparison(
                        added.recursiveDifference(excluded),
                        modified.recursiveDifference(excluded),
                        removed.recursiveDifference(excluded));
    }

    FieldSet changed() {
        return modified.union(added);
    }

    private static final class Walk {
        private final FieldSet.Builder added = new FieldSet.Builder();
        private final FieldSet.Builder modified = new FieldSet.Builder();
        private final FieldSet.Builder removed = new FieldSet.Builder();
        private final List<PathElement> path = new ArrayList<>();

        /// At most one of the values is null, which means absent.
        private void compare(SchemaType type, @Nullable JsonNode before, @Nullable JsonNode after) {
            Form formBefore = Types.form(type, before);
            Form formAfter = Types.form(type, after);
            boolean isLeaf;
            if (after == null) {
                isLeaf = compareAs(formBefore, type, before, null);
            } else if (before == null || formBefore == formAfter) {
                isLeaf = compareAs(formAfter, type, before, after);
            } else {
                compareAs(formBefore, type, before, after);
                isLeaf = compareAs(formAfter, type, before, after);
            }
            if (!isLeaf && before == null) {
                added.add(path);
            } else if (!isLeaf && after == null) {
                removed.add(path);
            }
        }

        /// Answers whether the value was compared as a whole.
        private boolean compareAs(Form form, SchemaType type, @Nullable JsonNode before, @Nullable JsonNode after) {
            return switch (form) {
                case SCALAR -> leaf(before, after);
                case MAP -> maps(type, before, after);
                case LIST -> lists(type, before, after);
            };
        }

        private boolean leaf(@Nullable JsonNode before, @Nullable JsonNode after) {
            if (before == null) {
                added.add(path);
            } else if (after == null) {
                removed.add(path);
            } else if (!JsonValues.same(before, after)) {
                modified.add(path);
            }
            return true;
        }

        private boolean maps(SchemaType type, @Nullable JsonNode before, @Nullable JsonNode after) {
            ObjectNode left = Types.map(before);
            ObjectNode right = Types.map(after);
            boolean empty = (left == null || left.isEmpty()) && (right == null || right.isEmpty());
            if (empty || Types.isAtomic(type, Form.MAP)) {
                return leaf(before, after);
            }
            // what is not there at all, as an element that one side lacks, implies nothing
            boolean isWhole = path.isEmpty();
            for (String name : names(left, right)) {
                path.add(new PathElement.Field(name));
                JsonNode mine = left == null ? null : left.get(name);
                JsonNode theirs = right == null ? null : right.get(name);
                compare(
                        Types.field(type, name),
                        mine == null && (isWhole || left != null) ? Types.implied(type, name, theirs) : mine,
                        theirs == null && (isWhole || right != null) ? Types.implied(type, name, mine) : theirs);
                path.removeLast();
            }
            return false;
        }

        private static Set<String> names(@Nullable ObjectNode left, @Nullable ObjectNode right) {
            var names = new LinkedHashSet<String>();
            if (left != null) {
                left.fieldNames().forEachRemaining(names::add);
            }
            if (right != null) {
                right.fieldNames().forEachRemaining(names::add);
            }
            return names;
        }

        private boolean lists(SchemaType type, @Nullable JsonNode before, @Nullable JsonNode after) {
            ArrayNode left = Types.list(before);
            ArrayNode right = Types.list(after);
            boolean empty = (left == null || left.isEmpty()) && (right == null || right.isEmpty());
            if (empty || Types.isAtomic(type, Form.LIST)) {
                return leaf(before, after);
            }
            NavigableMap<PathElement, List<JsonNode>> leftByName = byName(type, left);
            NavigableMap<PathElement, List<JsonNode>> rightByName = byName(type, right);
            var names = new LinkedHashSet<>(leftByName.keySet());
            names.addAll(rightByName.keySet());
            for (PathElement name : names) {
                path.add(name);
                elements(
                        Types.element(type),
                        leftByName.getOrDefault(name, List.of()),
                        rightByName.getOrDefault(name, List.of()));
                path.removeLast();
            }
            return false;
        }

        private static NavigableMap<PathElement, List<JsonNode>> byName(SchemaType type, @Nullable ArrayNode list) {
            var all = new TreeMap<PathElement, List<JsonNode>>();
            if (list != null) {
                list.forEach(e -> all.computeIfAbsent(Types.nameOf(type, e), _ -> new ArrayList<>())
                        .add(e));
            }
            return all;
        }

        /// Elements of one name. Duplicates are compared as one atomic value.
        private void elements(SchemaType type, List<JsonNode> left, List<JsonNode> right) {
            if (left.size() <= 1 && right.size() <= 1) {
                compare(type, left.isEmpty() ? null : left.getFirst(), right.isEmpty() ? null : right.getFirst());
            } else if (left.size() >= 2 && right.size() >= 2) {
                if (!sameAll(left, right)) {
                    modified.add(path);
                }
            } else if (left.size() >= 2) {
                if (!right.isEmpty()) {
                    compare(type, null, right.getFirst());
                }
                removed.add(path);
            } else {
                if (!left.isEmpty()) {
                    compare(type, left.getFirst(), null);
                }
                added.add(path);
            }
        }

        private static boolean sameAll(List<JsonNode> left, List<JsonNode> right) {
            boolean same = left.size() == right.size();
            for (int i = 0; same && i < left.size(); i++) {
                same = JsonValues.same(left.get(i), right.get(i));
            }
            return same;
        }
    }
}
