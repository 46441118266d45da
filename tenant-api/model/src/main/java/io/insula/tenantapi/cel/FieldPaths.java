package io.insula.tenantapi.cel;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.Optional;

/// The paths that a rule or a selectable field may name: `.spec.a`, `['key']`, below one schema. Source:
/// kubernetes/apiextensions-apiserver, `apiserver/schema/cel/validation.go` (ValidFieldPath).
public final class FieldPaths {

    private static final Pattern STEP = Pattern.compile("(?:\\.([^.\\[\\]']+)|\\['((?:[^'\\\\]|\\\\.)*)'\\])");

    private FieldPaths() {}

    /// The schema that `path` leads to; empty where it leads nowhere.
    ///
    /// @param brackets whether `['key']` may be used
    public static Optional<JsonNode> find(String path, JsonNode schema, boolean brackets) {
        Matcher step = STEP.matcher(path);
        JsonNode at = schema;
        int end = 0;
        while (end < path.length()) {
            if (!step.find(end) || step.start() != end || (step.group(2) != null && !brackets)) {
                return Optional.empty();
            }
            String name = step.group(1) != null ? step.group(1) : step.group(2).replaceAll("\\\\(.)", "$1");
            at = at.path("properties").isObject() ? at.path("properties").path(name) : at.path("additionalProperties");
            if (!at.isObject()) {
                return Optional.empty();
            }
            end = step.end();
        }
        return Optional.of(at);
    }
}
