package io.insula.tenantapi.cel.library;

import com.google.re2j.Pattern;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// A named rule for texts. Equal by name.
///
/// @param name as upstream calls it
/// @param regexSize what matching it is taken to cost, in characters of a pattern
/// @param check answers what is wrong, empty when nothing is
public record NamedFormat(String name, int regexSize, Function<String, List<String>> check) {

    private static final String LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private static final Pattern LABEL_PATTERN = Pattern.compile(LABEL);
    private static final Pattern SUBDOMAIN = Pattern.compile(LABEL + "(\\." + LABEL + ")*");
    private static final Pattern LABEL_1035 = Pattern.compile("[a-z]([-a-z0-9]*[a-z0-9])?");
    private static final Pattern NAME = Pattern.compile("([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]");
    private static final Pattern VALUE = Pattern.compile("(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?");
    private static final Pattern UUID =
            Pattern.compile("(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}");

    private static final String LABEL_TEXT = "a lowercase RFC 1123 label must consist of lower case alphanumeric"
            + " characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or"
            + " '123-abc', regex used for validation is '" + LABEL + "')";
    private static final String SUBDOMAIN_TEXT = "a lowercase RFC 1123 subdomain must consist of lower case"
            + " alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g."
            + " 'example.com', regex used for validation is '" + LABEL + "(\\." + LABEL + ")*')";
    private static final String LABEL_1035_TEXT = "a DNS-1035 label must consist of lower case alphanumeric characters"
            + " or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name', "
            + " or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
    private static final String VALUE_TEXT = "a valid label must be an empty string or consist of alphanumeric"
            + " characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue', "
            + " or 'my_value',  or '12345', regex used for validation is"
            + " '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    /// By the name that expressions use: `format.dns1123Label()`.
    static final Map<String, NamedFormat> ALL = Map.ofEntries(
            named("dns1123Label", "DNS1123Label", 30, t -> rule(t, 63, LABEL_PATTERN, LABEL_TEXT)),
            named("dns1123Subdomain", "DNS1123Subdomain", 60, t -> rule(t, 253, SUBDOMAIN, SUBDOMAIN_TEXT)),
            named("dns1035Label", "DNS1035Label", 30, t -> rule(t, 63, LABEL_1035, LABEL_1035_TEXT)),
            named("qualifiedName", "QualifiedName", 60, NamedFormat::qualifiedName),
            named(
                    "dns1123LabelPrefix",
                    "DNS1123LabelPrefix",
                    30,
                    t -> rule(unmasked(t), 63, LABEL_PATTERN, LABEL_TEXT)),
            named(
                    "dns1123SubdomainPrefix",
                    "DNS1123SubdomainPrefix",
                    60,
                    t -> rule(unmasked(t), 253, SUBDOMAIN, SUBDOMAIN_TEXT)),
            named(
                    "dns1035LabelPrefix",
                    "DNS1035LabelPrefix",
                    30,
                    t -> rule(unmasked(t), 63, LABEL_1035, LABEL_1035_TEXT)),
            named("labelValue", "LabelValue", 40, t -> rule(t, 63, VALUE, VALUE_TEXT)),
            named("uri", "URI", 1000, NamedFormat::uri),
            named("uuid", "uuid", 76, t -> when(UUID.matcher(t).matches(), "does not match the UUID format")),
            named("byte", "byte", 100, t -> when(StringChecks.isBase64(t), "invalid base64")),
            named("date", "date", 120, t -> when(StringChecks.isDate(t), "invalid date")),
            named("datetime", "datetime", 120, t -> when(StringChecks.isDateTime(t), "invalid datetime")));

    private static Map.Entry<String, NamedFormat> named(
            String key, String name, int regexSize, Function<String, List<String>> check) {
        return Map.entry(key, new NamedFormat(name, regexSize, check));
    }

    static Optional<NamedFormat> find(String name) {
        return Optional.ofNullable(ALL.get(name));
    }

    private static List<String> rule(String text, int limit, Pattern pattern, String message) {
        var errors = new java.util.ArrayList<String>();
        if (text.length() > limit) {
            errors.add("must be no more than " + limit + " bytes");
        }
        if (!pattern.matcher(text).matches()) {
            errors.add(message);
        }
        return errors;
    }

    /// A prefix may end with a dash: what follows it is generated.
    private static String unmasked(String text) {
        return text.length() > 1 && text.endsWith("-") ? text.substring(0, text.length() - 2) + "a" : text;
    }

    private static List<String> qualifiedName(String text) {
        String[] parts = text.split("/", -1);
        if (parts.length > 2) {
            return List.of(
                    "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and"
                            + " end with an alphanumeric character with an optional DNS subdomain prefix and '/' (e.g."
                            + " 'example.com/MyName')");
        }
        var errors = new java.util.ArrayList<String>();
        if (parts.length == 2) {
            if (parts[0].isEmpty()) {
                errors.add("prefix part must be non-empty");
            } else {
                rule(parts[0], 253, SUBDOMAIN, SUBDOMAIN_TEXT).forEach(e -> errors.add("prefix part " + e));
            }
        }
        String name = parts[parts.length - 1];
        if (name.isEmpty()) {
            errors.add("name part must be non-empty");
        } else if (name.length() > 63) {
            errors.add("name part must be no more than 63 bytes");
        }
        if (!NAME.matcher(name).matches()) {
            errors.add("name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with"
                    + " an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for"
                    + " validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')");
        }
        return errors;
    }

    private static List<String> uri(String text) {
        try {
            Url.parse(text);
            return List.of();
        } catch (FunctionFailure e) {
            return List.of(
                    String.valueOf(e.getMessage()).replace("URL parse error during conversion from string: ", ""));
        }
    }

    private static List<String> when(boolean fits, String message) {
        return fits ? List.of() : List.of(message);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NamedFormat format && format.name.equals(name);
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }
}
