package io.insula.tenantapi.apply;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Fields that an apply would take from other managers. Not empty when thrown.
final class Conflicts extends RuntimeException {

    /// By manager, sorted.
    private final transient Map<ManagerId, FieldSet> fields;

    Conflicts(Map<ManagerId, FieldSet> fields) {
        this.fields = new TreeMap<>(fields);
    }

    /// Only those that are not in `allowed`; empty when all are.
    Map<ManagerId, FieldSet> outside(FieldSet allowed) {
        var rest = new TreeMap<ManagerId, FieldSet>();
        fields.forEach((id, set) -> {
            FieldSet outside = set.difference(allowed);
            if (!outside.isEmpty()) {
                rest.put(id, outside);
            }
        });
        return rest;
    }

    /// 409 with a cause per field. Source: kubernetes/apimachinery, `util/managedfields/internal/conflict.go`.
    ApiException toApi() {
        ObjectNode status = ApiException.base(409, "Conflict", message());
        ArrayNode causes = status.putObject("details").putArray("causes");
        fields.forEach((id, set) -> paths(set)
                .forEach(path -> causes.addObject()
                        .put("reason", "FieldManagerConflict")
                        .put("message", "conflict with " + id.describe())
                        .put("field", path)));
        return ApiException.ofStatus(status);
    }

    private String message() {
        int count = fields.values().stream().mapToInt(s -> paths(s).size()).sum();
        if (count == 1) {
            Map.Entry<ManagerId, FieldSet> only = fields.entrySet().iterator().next();
            return "Apply failed with 1 conflict: conflict with "
                    + only.getKey().describe() + ": " + paths(only.getValue()).getFirst();
        }
        var lines = new ArrayList<String>();
        fields.forEach((id, set) -> {
            lines.add("conflicts with " + id.describe() + ":");
            paths(set).forEach(path -> lines.add("- " + path));
        });
        return "Apply failed with " + count + " conflicts: " + String.join("\n", lines);
    }

    private static List<String> paths(FieldSet set) {
        var all = new ArrayList<String>();
        set.forEach(path -> all.add(path.stream().map(Object::toString).collect(Collectors.joining())));
        return all;
    }
}
