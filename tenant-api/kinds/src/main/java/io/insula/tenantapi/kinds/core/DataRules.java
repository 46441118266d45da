package io.insula.tenantapi.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Checks;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;

/// Keys, size and freezing of a ConfigMap's or Secret's data. Source: kubernetes `ValidateConfigMap`.
final class DataRules {

    private static final Pattern KEY = Pattern.compile("[-._a-zA-Z0-9]+");
    private static final int LIMIT_BYTES = 1024 * 1024;

    private DataRules() {}

    static List<FieldError> validate(JsonNode object, String... fields) {
        var checks = new Checks();
        long bytes = 0;
        for (String field : fields) {
            for (var entry : object.path(field).properties()) {
                key(checks, entry.getKey(), field);
                String text = entry.getValue().asText();
                bytes += field.equals("data") && fields.length > 1
                        ? text.getBytes(StandardCharsets.UTF_8).length
                        : text.length() * 3L / 4;
            }
        }
        if (bytes > LIMIT_BYTES) {
            checks.add(FieldError.tooLong(fields.length > 1 ? "" : "data", LIMIT_BYTES));
        }
        return checks.errors();
    }

    private static void key(Checks checks, String key, String field) {
        String path = field + "[" + key + "]";
        if (key.length() > 253) {
            checks.add(FieldError.invalid(path, key, "must be no more than 253 characters"));
        } else if (key.equals(".") || key.equals("..") || key.startsWith("..")) {
            checks.add(FieldError.invalid(path, key, key.equals(".") ? "must not be '.'" : "must not start with '..'"));
        } else if (!KEY.matcher(key).matches()) {
            checks.add(FieldError.invalid(
                    path,
                    key,
                    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or"
                            + " 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"));
        }
    }

    static List<FieldError> frozen(JsonNode wanted, JsonNode current, String... fields) {
        var checks = new Checks();
        if (!current.path("immutable").asBoolean()) {
            return List.of();
        }
        String why = "field is immutable when `immutable` is set";
        if (!wanted.path("immutable").asBoolean()) {
            checks.add(FieldError.forbidden("immutable", why));
        }
        for (String field : fields) {
            if (!Checks.same(wanted.path(field), current.path(field))) {
                checks.add(FieldError.forbidden(field, why));
            }
        }
        return checks.errors();
    }
}
