package io.insula.tenantapi.api;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// One finding of validation: which field (`spec.containers[0].name`), what is wrong, and the offending value rendered
/// as upstream renders it. Source: kubernetes/apimachinery, `field.Error`.
///
/// @param reason one of the `FieldValue…` cause types
/// @param value the offending value as text, already quoted where it is a string; null where the message shows none
public record FieldError(
        Reason reason, String field, @Nullable String value, String detail) {

    /// The cause types of a `Status` of reason Invalid.
    public enum Reason {
        FieldValueRequired("Required value"),
        FieldValueInvalid("Invalid value"),
        FieldValueTypeInvalid("Invalid value"),
        FieldValueNotSupported("Unsupported value"),
        FieldValueForbidden("Forbidden"),
        FieldValueDuplicate("Duplicate value"),
        FieldValueNotFound("Not found"),
        FieldValueTooLong("Too long"),
        FieldValueTooMany("Too many");

        private final String text;

        Reason(String text) {
            this.text = text;
        }
    }

    public static FieldError required(String field, String detail) {
        return new FieldError(Reason.FieldValueRequired, field, null, detail);
    }

    public static FieldError forbidden(String field, String detail) {
        return new FieldError(Reason.FieldValueForbidden, field, null, detail);
    }

    /// `value` may be a string, number, boolean or JSON tree; strings are quoted.
    public static FieldError invalid(String field, Object value, String detail) {
        return new FieldError(Reason.FieldValueInvalid, field, render(value), detail);
    }

    public static FieldError typeInvalid(String field, Object value, String detail) {
        return new FieldError(Reason.FieldValueTypeInvalid, field, render(value), detail);
    }

    public static FieldError duplicate(String field, Object value) {
        return new FieldError(Reason.FieldValueDuplicate, field, render(value), "");
    }

    public static FieldError notFound(String field, Object value) {
        return new FieldError(Reason.FieldValueNotFound, field, render(value), "");
    }

    public static FieldError notSupported(String field, Object value, List<String> supported) {
        String names = supported.stream().map(s -> '"' + s + '"').collect(Collectors.joining(", "));
        return new FieldError(Reason.FieldValueNotSupported, field, render(value), "supported values: " + names);
    }

    public static FieldError tooLong(String field, int limitBytes) {
        return new FieldError(Reason.FieldValueTooLong, field, null, "may not be more than " + limitBytes + " bytes");
    }

    /// `Invalid value: "x": must be y`, without the field: the message of a `Status` cause.
    public String body() {
        var text = new StringBuilder(reason.text);
        if (value != null) {
            text.append(": ").append(value);
        }
        if (!detail.isEmpty()) {
            text.append(": ").append(detail);
        }
        return text.toString();
    }

    @Override
    public String toString() {
        return field + ": " + body();
    }

    private static String render(Object value) {
        return value instanceof CharSequence text ? '"' + text.toString() + '"' : String.valueOf(value);
    }
}
