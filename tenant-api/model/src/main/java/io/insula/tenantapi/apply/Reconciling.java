package io.insula.tenantapi.apply;

import io.insula.tenantapi.schema.SchemaType;
import io.insula.tenantapi.schema.SchemaType.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/// Adapts a set of fields to a schema that has made one of them atomic since. Source: structured-merge-diff,
/// `typed/reconcile_schema.go`.
final class Reconciling {

    private final FieldSet.Builder atomic = new FieldSet.Builder();
    private final List<PathElement> path = new ArrayList<>();

    private Reconciling() {}

    static FieldSet reconcile(SchemaType type, FieldSet fields) {
        var walk = new Reconciling();
        walk.visit(type, fields, false);
        FieldSet changed = walk.atomic.build();
        return changed.isEmpty() ? fields : fields.recursiveDifference(changed).union(changed);
    }

    private void visit(SchemaType type, FieldSet fields, boolean isWhole) {
        boolean isContainer = type.shape() == Shape.OBJECT || type.shape() == Shape.MAP || type.shape() == Shape.LIST;
        if (!isContainer) {
            return;
        }
        if (type.atomic()) {
            if (!isWhole && !fields.isEmpty()) {
                atomic.add(path);
            }
            return;
        }
        var elements = new TreeSet<>(fields.members());
        elements.addAll(fields.children().keySet());
        for (PathElement element : elements) {
            path.add(element);
            FieldSet below = fields.below(element);
            visit(Types.at(type, element), below, fields.has(element) && below.isEmpty());
            path.removeLast();
        }
    }
}
