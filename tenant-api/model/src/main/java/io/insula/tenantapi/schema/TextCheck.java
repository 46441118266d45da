package io.insula.tenantapi.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.insula.tenantapi.api.FieldError;
import java.util.List;

/// Texts against a JSON schema: length in characters, pattern, format.
final class TextCheck {

    private TextCheck() {}

    static void check(JsonNode schema, String text, String path, List<FieldError> errors) {
        int length = text.codePointCount(0, text.length());
        JsonNode max = schema.path("maxLength");
        if (max.isNumber() && length > max.asLong()) {
            errors.add(FieldError.tooLong(path, max.asInt()));
        }
        JsonNode min = schema.path("minLength");
        if (length < min.asLong()) {
            String detail = path + " in body should be at least " + min.asText() + " chars long";
            errors.add(FieldError.invalid(path, text, detail));
        }
        String pattern = schema.path("pattern").asText("");
        if (!pattern.isEmpty() && !matches(pattern, text)) {
            errors.add(FieldError.invalid(path, text, path + " in body should match '" + pattern + "'"));
        }
        String format = schema.path("format").asText("");
        if (!Formats.fits(format, text)) {
            String detail = path + " in body must be of type " + format + ": \"" + text + '"';
            errors.add(FieldError.typeInvalid(path, text, detail));
        }
    }

    /// RE2, as upstream: its time is linear in the text, so that no tenant's pattern can hold a thread.
    private static boolean matches(String pattern, String text) {
        try {
            return Pattern.compile(pattern).matcher(text).find();
        } catch (PatternSyntaxException _) {
            return false;
        }
    }

    /// What is wrong with a pattern; empty when nothing is.
    static String patternError(String pattern) {
        try {
            Pattern.compile(pattern);
            return "";
        } catch (PatternSyntaxException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
