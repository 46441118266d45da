package io.insula.tenantapi.crd;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.re2j.Pattern;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.cel.FieldPaths;
import io.insula.tenantapi.cel.SchemaRules;
import io.insula.tenantapi.schema.ApiSchema;
import io.insula.tenantapi.schema.StructuralSchema;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What one version of a definition may say. Source: kubernetes/apiextensions-apiserver,
/// `apis/apiextensions/validation/validation.go`.
final class VersionRules {

    private static final int MAX_SELECTABLE = 8;
    private static final int MAX_DEPRECATION = 256;
    private static final List<String> COLUMN_TYPES = List.of("boolean", "date", "integer", "number", "string");
    private static final List<String> COLUMN_FORMATS =
            List.of("byte", "date", "date-time", "double", "float", "int32", "int64", "password");
    private static final Set<String> SELECTABLE_TYPES = Set.of("string", "boolean", "integer");
    private static final Pattern DOTTED = Pattern.compile("(\\.[^.\\[\\]]+)+");

    private VersionRules() {}

    /// @param before the schema of the same version before an update; null where there is none
    static void check(String path, JsonNode version, @Nullable JsonNode before, List<FieldError> errors) {
        JsonNode schema = version.path("schema").path("openAPIV3Schema");
        if (!schema.isObject()) {
            errors.add(FieldError.required(path + ".schema.openAPIV3Schema", "schemas are required"));
        } else if (!schema.equals(before)) {
            // what was stored by an older release may stay
            String at = path + ".schema.openAPIV3Schema";
            List<FieldError> structural = StructuralSchema.check(at, schema, ApiSchema.load());
            errors.addAll(structural.isEmpty() ? SchemaRules.check(at, schema) : structural);
        }
        deprecation(path, version, errors);
        int i = 0;
        for (JsonNode column : version.path("additionalPrinterColumns")) {
            column(path + ".additionalPrinterColumns[" + i++ + "]", column, errors);
        }
        scale(path + ".subresources.scale", version.path("subresources").path("scale"), errors);
        selectable(path + ".selectableFields", version.path("selectableFields"), schema, errors);
    }

    private static void deprecation(String path, JsonNode version, List<FieldError> errors) {
        JsonNode warning = version.path("deprecationWarning");
        if (!warning.isTextual()) {
            return;
        }
        String text = warning.asText();
        String at = path + ".deprecationWarning";
        if (!version.path("deprecated").asBoolean()) {
            errors.add(FieldError.invalid(at, text, "can only be set for deprecated versions"));
        } else if (text.length() > MAX_DEPRECATION) {
            errors.add(FieldError.invalid(at, text, "must be <= 256 characters long"));
        } else if (text.isEmpty()) {
            errors.add(FieldError.invalid(at, text, "must not be an empty string"));
        }
    }

    private static void column(String path, JsonNode column, List<FieldError> errors) {
        if (column.path("name").asText("").isEmpty()) {
            errors.add(FieldError.required(path + ".name", ""));
        }
        String type = column.path("type").asText("");
        String types = "must be one of " + String.join(",", COLUMN_TYPES);
        if (type.isEmpty()) {
            errors.add(FieldError.required(path + ".type", types));
        } else if (!COLUMN_TYPES.contains(type)) {
            errors.add(FieldError.invalid(path + ".type", type, types));
        }
        String format = column.path("format").asText("");
        if (!format.isEmpty() && !COLUMN_FORMATS.contains(format)) {
            errors.add(
                    FieldError.invalid(path + ".format", format, "must be one of " + String.join(",", COLUMN_FORMATS)));
        }
        String jsonPath = column.path("jsonPath").asText("");
        if (jsonPath.isEmpty()) {
            errors.add(FieldError.required(path + ".JSONPath", ""));
        } else if (!jsonPath.startsWith(".")) {
            errors.add(FieldError.invalid(path + ".JSONPath", jsonPath, "must be a simple json path starting with ."));
        }
    }

    private static void scale(String path, JsonNode scale, List<FieldError> errors) {
        if (!scale.isObject()) {
            return;
        }
        replicas(path + ".specReplicasPath", scale.path("specReplicasPath").asText(""), ".spec", errors);
        replicas(path + ".statusReplicasPath", scale.path("statusReplicasPath").asText(""), ".status", errors);
        String selector = scale.path("labelSelectorPath").asText("");
        if (!selector.isEmpty() && !selector.startsWith(".spec.") && !selector.startsWith(".status.")) {
            errors.add(FieldError.invalid(
                    path + ".labelSelectorPath", selector, "should be a json path under either .spec or .status"));
        }
    }

    private static void replicas(String path, String jsonPath, String root, List<FieldError> errors) {
        if (jsonPath.isEmpty()) {
            errors.add(FieldError.required(path, ""));
        } else if (!jsonPath.startsWith(".")) {
            errors.add(FieldError.invalid(path, jsonPath, "must be a simple json path starting with ."));
        } else if (!DOTTED.matcher(jsonPath).matches()) {
            errors.add(FieldError.invalid(path, jsonPath, "must be a json path in the dot notation"));
        } else if (!jsonPath.startsWith(root + ".")) {
            errors.add(FieldError.invalid(path, jsonPath, "should be a json path under " + root));
        }
    }

    private static void selectable(String path, JsonNode fields, JsonNode schema, List<FieldError> errors) {
        var seen = new HashSet<String>();
        for (int i = 0; i < fields.size(); i++) {
            String at = path + "[" + i + "].jsonPath";
            String jsonPath = fields.get(i).path("jsonPath").asText("");
            if (jsonPath.isEmpty()) {
                errors.add(FieldError.required(at, ""));
                continue;
            }
            if (jsonPath.startsWith(".metadata")) {
                errors.add(FieldError.invalid(at, jsonPath, "must not point to fields in metadata"));
                continue;
            }
            Optional<JsonNode> found = FieldPaths.find(jsonPath, schema, false);
            if (found.isEmpty()) {
                errors.add(FieldError.invalid(at, jsonPath, "is an invalid path: does not refer to a valid field"));
            } else if (!SELECTABLE_TYPES.contains(found.get().path("type").asText(""))) {
                errors.add(FieldError.invalid(
                        at,
                        jsonPath,
                        "must point to a field of type string, boolean or integer. Enum string fields and strings with"
                                + " formats are allowed."));
            } else if (!seen.add(jsonPath)) {
                errors.add(FieldError.duplicate(at, jsonPath));
            }
        }
        if (seen.size() > MAX_SELECTABLE) {
            errors.add(new FieldError(
                    FieldError.Reason.FieldValueTooMany,
                    path,
                    Integer.toString(seen.size()),
                    "must have at most " + MAX_SELECTABLE + " items"));
        }
    }
}
