package io.insula.tenantapi.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.FieldError.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Values against a JSON schema, in upstream's words. Source: k8s.io/kube-openapi, `validation/validate`, and
/// kubernetes/apiextensions-apiserver, `apiserver/validation`, which turns its findings into field errors.
final class ValueCheck {

    private static final Set<String> TYPE_META = Set.of("apiVersion", "kind");

    private final List<FieldError> errors = new ArrayList<>();

    private ValueCheck() {}

    static List<FieldError> check(JsonNode schema, JsonNode value) {
        return check(schema, value, "");
    }

    /// @param path of the value
    static List<FieldError> check(JsonNode schema, JsonNode value, String path) {
        var run = new ValueCheck();
        run.value(schema, value, path, null);
        return run.errors;
    }

    /// The same for a change: what has not changed may stay wrong.
    static List<FieldError> check(JsonNode schema, JsonNode value, JsonNode old) {
        var run = new ValueCheck();
        run.value(schema, value, "", new Correlation(schema, value, old));
        return run.errors;
    }

    private void value(JsonNode schema, JsonNode value, String path, @Nullable Correlation before) {
        int known = errors.size();
        fresh(schema, value, path, before);
        if (errors.size() > known && before != null && before.isSame()) {
            errors.subList(known, errors.size()).clear();
        }
    }

    private void fresh(JsonNode schema, JsonNode value, String path, @Nullable Correlation before) {
        if (!schema.isObject() || !type(schema, value, path)) {
            return;
        }
        junctors(schema, value, path);
        switch (value.getNodeType()) {
            case STRING -> TextCheck.check(schema, value.asText(), path, errors);
            case NUMBER -> number(schema, value, path);
            case ARRAY -> list(schema, value, path, before);
            case OBJECT -> object(schema, value, path, before);
            default -> {}
        }
        enumeration(schema, value, path);
    }

    /// Answers whether the value has the wanted type and is not null.
    private boolean type(JsonNode schema, JsonNode value, String path) {
        if (value.isNull()) {
            boolean allowed = schema.path("nullable").asBoolean() || !schema.has("type");
            if (!allowed) {
                wrongType(schema, "null", path);
            }
            return false;
        }
        String wanted = schema.path("type").asText("");
        String actual = typeOf(value);
        boolean fits = switch (wanted) {
            case "" ->
                !schema.path("x-kubernetes-int-or-string").asBoolean() || actual.equals("string") || isWhole(value);
            case "integer" -> isWhole(value);
            case "number" -> value.isNumber();
            default -> wanted.equals(actual);
        };
        if (!fits) {
            wrongType(schema, actual, path);
        }
        return fits;
    }

    private void wrongType(JsonNode schema, String actual, String path) {
        String wanted = schema.path("x-kubernetes-int-or-string").asBoolean()
                ? "integer,string"
                : schema.path("type").asText();
        String detail = path + " in body must be of type " + wanted + ": \"" + actual + '"';
        errors.add(FieldError.typeInvalid(path, actual, detail));
    }

    private static boolean isWhole(JsonNode value) {
        return value.isIntegralNumber()
                || (value.isNumber()
                        && value.decimalValue().stripTrailingZeros().scale() <= 0);
    }

    private static String typeOf(JsonNode value) {
        return switch (value.getNodeType()) {
            case STRING -> "string";
            case NUMBER -> value.isIntegralNumber() ? "integer" : "number";
            case BOOLEAN -> "boolean";
            case ARRAY -> "array";
            case OBJECT -> "object";
            default -> "null";
        };
    }

    private void number(JsonNode schema, JsonNode value, String path) {
        var number = value.decimalValue();
        JsonNode max = schema.path("maximum");
        boolean belowOnly = schema.path("exclusiveMaximum").asBoolean();
        if (max.isNumber() && number.compareTo(max.decimalValue()) >= (belowOnly ? 0 : 1)) {
            invalid(path, value, belowOnly ? "should be less than " : "should be less than or equal to ", max);
        }
        JsonNode min = schema.path("minimum");
        boolean aboveOnly = schema.path("exclusiveMinimum").asBoolean();
        if (min.isNumber() && number.compareTo(min.decimalValue()) <= (aboveOnly ? 0 : -1)) {
            invalid(path, value, aboveOnly ? "should be greater than " : "should be greater than or equal to ", min);
        }
        JsonNode factor = schema.path("multipleOf");
        boolean divides = !factor.isNumber()
                || factor.decimalValue().signum() == 0
                || number.remainder(factor.decimalValue()).signum() == 0;
        if (!divides) {
            invalid(path, value, "should be a multiple of ", factor);
        }
    }

    private void list(JsonNode schema, JsonNode value, String path, @Nullable Correlation before) {
        int size = value.size();
        if (schema.path("maxItems").isNumber() && size > schema.path("maxItems").asLong()) {
            tooMany(path, size, schema.path("maxItems"));
        }
        if (size < schema.path("minItems").asLong()) {
            invalid(path, size, "should have at least ", schema.path("minItems"), " items");
        }
        for (int i = 0; i < size; i++) {
            Correlation element = before == null ? null : before.index(i);
            value(schema.path("items"), value.get(i), path + "[" + i + "]", element);
        }
    }

    private void object(JsonNode schema, JsonNode value, String path, @Nullable Correlation before) {
        for (JsonNode required : schema.path("required")) {
            if (!value.has(required.asText())) {
                errors.add(FieldError.required(child(path, required.asText()), ""));
            }
        }
        int size = value.size();
        if (schema.path("maxProperties").isNumber()
                && size > schema.path("maxProperties").asLong()) {
            tooMany(path, size, schema.path("maxProperties"));
        }
        if (size < schema.path("minProperties").asLong()) {
            invalid(path, size, "should have at least ", schema.path("minProperties"), " properties");
        }
        for (Map.Entry<String, JsonNode> entry : value.properties()) {
            JsonNode property = schema.path("properties").path(entry.getKey());
            JsonNode of = property.isMissingNode() ? schema.path("additionalProperties") : property;
            boolean typeMeta = path.isEmpty() && TYPE_META.contains(entry.getKey());
            Correlation field = before == null || typeMeta ? null : before.key(entry.getKey());
            value(of, entry.getValue(), child(path, entry.getKey()), field);
        }
    }

    private void enumeration(JsonNode schema, JsonNode value, String path) {
        JsonNode allowed = schema.path("enum");
        if (allowed.isEmpty()) {
            return;
        }
        var names = new ArrayList<String>();
        for (JsonNode one : allowed) {
            if (JsonValues.same(one, value)) {
                return;
            }
            names.add(one.isTextual() ? one.asText() : one.toString());
        }
        errors.add(FieldError.notSupported(path, value.isTextual() ? value.asText() : value, names));
    }

    private void junctors(JsonNode schema, JsonNode value, String path) {
        for (JsonNode part : schema.path("allOf")) {
            value(part, value, path, null);
        }
        long any = passing(schema.path("anyOf"), value);
        if (!schema.path("anyOf").isEmpty() && any == 0) {
            composite("\"" + path + "\" must validate at least one schema (anyOf)");
        }
        long one = passing(schema.path("oneOf"), value);
        if (!schema.path("oneOf").isEmpty() && one != 1) {
            String found = one == 0 ? "Found none valid" : "Found " + one + " valid alternatives";
            composite("\"" + path + "\" must validate one and only one schema (oneOf). " + found);
        }
        if (schema.path("not").isObject() && check(schema.path("not"), value).isEmpty()) {
            composite("\"" + path + "\" must not validate the schema (not)");
        }
    }

    private static long passing(JsonNode schemas, JsonNode value) {
        return schemas.valueStream().filter(s -> check(s, value).isEmpty()).count();
    }

    /// Upstream loses the path of these.
    private void composite(String detail) {
        errors.add(FieldError.invalid("<nil>", "", detail));
    }

    private void tooMany(String path, int actual, JsonNode max) {
        errors.add(new FieldError(
                Reason.FieldValueTooMany,
                path,
                String.valueOf(actual),
                "must have at most " + max.asText() + " items"));
    }

    private void invalid(String path, Object value, String rule, JsonNode limit) {
        invalid(path, value, rule, limit, "");
    }

    private void invalid(String path, Object value, String rule, JsonNode limit, String unit) {
        errors.add(FieldError.invalid(path, value, path + " in body " + rule + limit.asText() + unit));
    }

    private static String child(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }
}
