package io.insula.tenantapi.selector;

import io.insula.tenantapi.api.ApiException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// A conjunction of comparisons of fields with values, as in `metadata.name=a,status.phase!=Running`. Immutable.
/// Source: kubernetes/apimachinery, `fields.ParseSelector`, wording included.
///
/// @param terms sorted by their text
public record FieldSelector(List<Term> terms) {

    private static final FieldSelector EVERYTHING = new FieldSelector(List.of());
    private static final Set<String> METADATA = Set.of("metadata.name", "metadata.namespace");

    /// @param equal false for `!=`
    public record Term(String field, boolean equal, String value) {

        boolean matches(Map<String, String> fields) {
            return fields.getOrDefault(field, "").equals(value) == equal;
        }

        @Override
        public String toString() {
            return field + (equal ? "=" : "!=") + escape(value);
        }
    }

    public FieldSelector {
        terms = List.copyOf(terms);
    }

    public static FieldSelector everything() {
        return EVERYTHING;
    }

    /// Selects one object by its name.
    public static FieldSelector name(String name) {
        return new FieldSelector(List.of(new Term("metadata.name", true, name)));
    }

    /// @throws ApiException 400 with upstream's wording
    public static FieldSelector parse(String text) {
        List<String> parts = split(text).stream().sorted().toList();
        var terms = new ArrayList<Term>();
        for (String part : parts) {
            if (!part.isEmpty()) {
                terms.add(term(text, part));
            }
        }
        // once more: `==` has become `=`
        terms.sort(Comparator.comparing(Term::toString));
        return terms.isEmpty() ? EVERYTHING : new FieldSelector(terms);
    }

    /// A field that is missing from `fields` has the empty value.
    public boolean matches(Map<String, String> fields) {
        for (Term term : terms) {
            if (!term.matches(fields)) {
                return false;
            }
        }
        return true;
    }

    public boolean isEverything() {
        return terms.isEmpty();
    }

    /// The one value that `field` must have, where the selector says so.
    public Optional<String> required(String field) {
        return terms.stream()
                .filter(term -> term.equal() && term.field().equals(field))
                .map(Term::value)
                .findFirst();
    }

    /// @param supported what the kind can select by, beside metadata.name and metadata.namespace
    /// @throws ApiException 400 with upstream's wording for the first field that is not among them
    public void requireSupported(Set<String> supported) {
        for (Term term : terms) {
            if (METADATA.contains(term.field()) || supported.contains(term.field())) {
                continue;
            }
            throw ApiException.badRequest(
                    supported.isEmpty()
                            ? "\"" + term.field()
                                    + "\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
                            : "field label not supported: " + term.field());
        }
    }

    /// Escapes a value for the query string form.
    public static String escape(String value) {
        return value.replace("\\", "\\\\").replace(",", "\\,").replace("=", "\\=");
    }

    private static Term term(String selector, String part) {
        for (int i = 0; i < part.length(); i++) {
            if (part.startsWith("!=", i)) {
                return new Term(part.substring(0, i), false, unescape(part.substring(i + 2)));
            }
            if (part.charAt(i) == '=') {
                int width = part.startsWith("==", i) ? 2 : 1;
                return new Term(part.substring(0, i), true, unescape(part.substring(i + width)));
            }
        }
        throw ApiException.badRequest("invalid selector: '" + selector + "'; can't understand '" + part + "'");
    }

    /// Splits at commas that no backslash escapes.
    private static List<String> split(String text) {
        var parts = new ArrayList<String>();
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            switch (text.charAt(i)) {
                case '\\' -> i++;
                case ',' -> {
                    parts.add(text.substring(start, i));
                    start = i + 1;
                }
                default -> {}
            }
        }
        parts.add(text.substring(start));
        return parts;
    }

    private static String unescape(String value) {
        var plain = new StringBuilder();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == ',' || c == '=') {
                // upstream prints the code point
                throw ApiException.badRequest("invalid field selector: unescaped character in value: " + (int) c);
            }
            if (c == '\\') {
                i++;
                String sequence = value.substring(i - 1, Math.min(i + 1, value.length()));
                if (sequence.length() < 2 || "\\,=".indexOf(sequence.charAt(1)) < 0) {
                    throw ApiException.badRequest("invalid field selector: invalid escape sequence: " + sequence);
                }
                c = sequence.charAt(1);
            }
            plain.append(c);
        }
        return plain.toString();
    }

    /// The query string form.
    @Override
    public String toString() {
        return terms.stream().map(Term::toString).collect(Collectors.joining(","));
    }
}
