package io.insula.tenantapi.kinds;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.registry.Names;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/// Gathers the findings of one validation, with upstream's wording. Paths are full: `spec.containers[0].name`.
/// Confined to one request. Source: kubernetes/apimachinery `api/validation`, kubernetes `pkg/apis/core/validation`.
public final class Checks {

    public static final String IMMUTABLE = "field is immutable";
    public static final String NOT_NEGATIVE = "must be greater than or equal to 0";

    private static final Pattern LABEL_VALUE = Pattern.compile("(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?");
    private static final Pattern PERCENT = Pattern.compile("^[0-9]+%$");
    private static final Pattern QUALIFIED = Pattern.compile("([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]");

    private final List<FieldError> errors = new ArrayList<>();

    public List<FieldError> errors() {
        return List.copyOf(errors);
    }

    public boolean isEmpty() {
        return errors.isEmpty();
    }

    public Checks add(FieldError error) {
        errors.add(error);
        return this;
    }

    public Checks addAll(List<FieldError> more) {
        errors.addAll(more);
        return this;
    }

    /// The text must be there.
    public Checks required(JsonNode node, String path, String field) {
        JsonNode value = node.path(field);
        if (value.isMissingNode()
                || value.isNull()
                || (value.isTextual() && value.asText().isEmpty())) {
            add(FieldError.required(child(path, field), ""));
        }
        return this;
    }

    /// Absent values pass.
    public Checks notNegative(JsonNode node, String path, String field) {
        if (node.path(field).isNumber() && node.path(field).asLong() < 0) {
            add(FieldError.invalid(child(path, field), node.path(field).asLong(), NOT_NEGATIVE));
        }
        return this;
    }

    /// Absent values pass.
    public Checks oneOf(JsonNode node, String path, String field, String... allowed) {
        String value = node.path(field).asText("");
        var supported = List.of(allowed).stream().sorted().toList();
        if (node.hasNonNull(field) && !supported.contains(value)) {
            add(FieldError.notSupported(child(path, field), value, supported));
        }
        return this;
    }

    /// The field may not change: `field is immutable`.
    public Checks immutable(JsonNode wanted, JsonNode current, String path) {
        return unchanged(at(wanted, path), at(current, path), path, IMMUTABLE);
    }

    public Checks unchanged(JsonNode wanted, JsonNode current, String path, String why) {
        if (!same(wanted, current)) {
            add(FieldError.invalid(path, shown(wanted), why));
        }
        return this;
    }

    /// Whether two trees mean the same: absent, null and empty are one, numbers by value.
    public static boolean same(JsonNode a, JsonNode b) {
        if (isNothing(a) || isNothing(b)) {
            return isNothing(a) && isNothing(b);
        }
        if (a.isNumber() && b.isNumber()) {
            return a.decimalValue().compareTo(b.decimalValue()) == 0;
        }
        if (a.isObject() && b.isObject()) {
            Set<String> names = new HashSet<>();
            a.fieldNames().forEachRemaining(names::add);
            b.fieldNames().forEachRemaining(names::add);
            return names.stream().allMatch(n -> same(a.path(n), b.path(n)));
        }
        if (a.isArray() && b.isArray()) {
            if (a.size() != b.size()) {
                return false;
            }
            for (int i = 0; i < a.size(); i++) {
                if (!same(a.path(i), b.path(i))) {
                    return false;
                }
            }
            return true;
        }
        return a.equals(b);
    }

    /// A name rule of [Names] on the text at `path`; an empty text is `Required value`.
    public Checks name(String value, String path, UnaryOperator<String> rule) {
        if (value.isEmpty()) {
            return add(FieldError.required(path, ""));
        }
        String finding = rule.apply(value);
        return finding.isEmpty() ? this : add(FieldError.invalid(path, value, finding));
    }

    /// 1–65535.
    public Checks port(JsonNode value, String path) {
        if (value.isNumber() && (value.asLong() < 1 || value.asLong() > 65535)) {
            add(FieldError.invalid(path, value.asLong(), "must be between 1 and 65535, inclusive"));
        }
        return this;
    }

    /// A count or a part of a whole: an integer that is not negative, or a percentage. Absent values pass.
    public Checks intOrPercent(JsonNode node, String path, String field) {
        JsonNode value = node.path(field);
        if (value.isTextual() && !PERCENT.matcher(value.asText()).matches()) {
            add(FieldError.invalid(
                    child(path, field),
                    value.asText(),
                    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%',"
                            + " regex used for validation is '[0-9]+%')"));
        }
        return notNegative(node, path, field);
    }

    /// The same, and a percentage is no more than the whole.
    public Checks partOfWhole(JsonNode node, String path, String field) {
        String value = node.path(field).asText("");
        if (node.path(field).isTextual()
                && PERCENT.matcher(value).matches()
                && new BigInteger(value.substring(0, value.length() - 1)).compareTo(BigInteger.valueOf(100)) > 0) {
            add(FieldError.invalid(child(path, field), value, "must not be greater than 100%"));
        }
        return intOrPercent(node, path, field);
    }

    /// A domain's name, a slash and a path: `acme.io/foo`. Source: kubernetes/apimachinery `IsDomainPrefixedPath`.
    public Checks domainPrefixedPath(String value, String path) {
        int slash = value.indexOf('/');
        if (slash <= 0 || slash == value.length() - 1) {
            return add(FieldError.invalid(path, value, "must be a domain-prefixed path (such as \"acme.io/foo\")"));
        }
        String finding = Names.dns1123Subdomain(value.substring(0, slash));
        return finding.isEmpty() ? this : add(FieldError.invalid(path, value, "prefix part " + finding));
    }

    /// What is wrong with `wanted` and was not with what is stored already: a rule that came later must not keep
    /// anybody from changing the rest of an object.
    public static List<FieldError> since(List<FieldError> wanted, List<FieldError> stored) {
        return wanted.stream().filter(error -> !stored.contains(error)).toList();
    }

    /// Keys and values of a label map.
    public Checks labels(JsonNode labels, String path) {
        labels.properties().forEach(e -> {
            String finding = qualifiedName(e.getKey());
            if (!finding.isEmpty()) {
                add(FieldError.invalid(path, e.getKey(), finding));
            }
            labelValue(e.getValue().asText(), path);
        });
        return this;
    }

    private void labelValue(String value, String path) {
        if (value.length() > 63) {
            add(FieldError.invalid(path, value, "must be no more than 63 bytes"));
        } else if (!LABEL_VALUE.matcher(value).matches()) {
            add(FieldError.invalid(
                    path,
                    value,
                    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and"
                            + " must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or"
                            + " '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"));
        }
    }

    /// A `LabelSelector` tree.
    public Checks labelSelector(JsonNode selector, String path) {
        labels(selector.path("matchLabels"), path + ".matchLabels");
        int i = 0;
        for (JsonNode e : selector.path("matchExpressions")) {
            String at = path + ".matchExpressions[" + i++ + "]";
            boolean hasValues = !e.path("values").isEmpty();
            switch (e.path("operator").asText()) {
                case "In", "NotIn" -> {
                    if (!hasValues) {
                        add(FieldError.required(
                                at + ".values", "must be specified when `operator` is 'In' or 'NotIn'"));
                    }
                }
                case "Exists", "DoesNotExist" -> {
                    if (hasValues) {
                        add(FieldError.forbidden(
                                at + ".values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
                    }
                }
                default ->
                    add(FieldError.invalid(
                            at + ".operator", e.path("operator").asText(), "not a valid selector operator"));
            }
            String key = e.path("key").asText();
            String finding = qualifiedName(key);
            if (!finding.isEmpty()) {
                add(FieldError.invalid(at + ".key", key, finding));
            }
            int v = 0;
            for (JsonNode value : e.path("values")) {
                labelValue(value.asText(), at + ".values[" + v++ + "]");
            }
        }
        return this;
    }

    /// `example.com/MyName` or `MyName`; the finding, or the empty string.
    public static String qualifiedName(String name) {
        int slash = name.lastIndexOf('/');
        if (slash == 0) {
            return "prefix part must be non-empty";
        }
        if (slash > 0) {
            String prefix = Names.dns1123Subdomain(name.substring(0, slash));
            if (!prefix.isEmpty()) {
                return "prefix part " + prefix;
            }
        }
        String local = name.substring(slash + 1);
        if (local.isEmpty()) {
            return "name part must be non-empty";
        }
        if (local.length() > 63) {
            return "name part must be no more than 63 bytes";
        }
        return QUALIFIED.matcher(local).matches()
                ? ""
                : "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an"
                        + " alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for"
                        + " validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
    }

    /// The node at a dotted path without indexes.
    public static JsonNode at(JsonNode node, String path) {
        JsonNode found = node;
        for (String field : path.split("\\.", -1)) {
            found = found.path(field);
        }
        return found;
    }

    private static String child(String path, String field) {
        return path.isEmpty() ? field : path + "." + field;
    }

    private static boolean isNothing(JsonNode node) {
        return node.isMissingNode() || node.isNull() || (node.isContainerNode() && node.isEmpty());
    }

    private static Object shown(JsonNode node) {
        if (node.isMissingNode()) {
            return "null";
        }
        return node.isTextual() ? node.asText() : node;
    }

    /// A copy of `object` whose `field`s are those of `other`: what remains different is not allowed to change.
    public static ObjectNode with(JsonNode object, JsonNode other, String... fields) {
        ObjectNode copy = object.deepCopy();
        for (String field : fields) {
            if (other.hasNonNull(field)) {
                copy.set(field, other.path(field));
            } else {
                copy.remove(field);
            }
        }
        return copy;
    }
}
