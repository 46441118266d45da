package io.insula.tenantapi.selector;

import com.google.re2j.Pattern;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// What label keys and values may look like. Source: kubernetes/apimachinery, `util/validation` (`IsQualifiedName`,
/// `IsValidLabelValue`, `IsDNS1123Subdomain`), wording included.
public final class LabelSyntax {

    private static final String NAME = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
    private static final String VALUE = "(" + NAME + ")?";
    private static final String SUBDOMAIN = "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
    private static final Pattern NAME_PATTERN = Pattern.compile(NAME);
    private static final Pattern VALUE_PATTERN = Pattern.compile(VALUE);
    private static final Pattern SUBDOMAIN_PATTERN = Pattern.compile(SUBDOMAIN);

    private static final String NAME_RULE =
            "must consist of alphanumeric characters, '-', '_' or '.', and must start and"
                    + " end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for"
                    + " validation is '" + NAME + "')";
    private static final String VALUE_RULE = "a valid label must be an empty string or consist of alphanumeric"
            + " characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or"
            + " 'my_value',  or '12345', regex used for validation is '" + VALUE + "')";
    private static final String SUBDOMAIN_RULE =
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric"
                    + " characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex"
                    + " used for validation is '" + SUBDOMAIN + "')";

    private LabelSyntax() {}

    /// What is wrong with a label (or annotation) key; empty where nothing is.
    public static List<String> keyErrors(String key) {
        var errors = new ArrayList<String>();
        String[] parts = key.split("/", -1);
        if (parts.length > 2) {
            return List.of("a qualified name " + NAME_RULE
                    + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')");
        }
        if (parts.length == 2) {
            prefixErrors(parts[0], errors);
        }
        String name = parts[parts.length - 1];
        if (name.isEmpty()) {
            errors.add("name part must be non-empty");
        } else if (length(name) > 63) {
            errors.add("name part must be no more than 63 bytes");
        }
        if (!NAME_PATTERN.matcher(name).matches()) {
            errors.add("name part " + NAME_RULE);
        }
        return errors;
    }

    /// What is wrong with a label value; empty where nothing is.
    public static List<String> valueErrors(String value) {
        var errors = new ArrayList<String>();
        if (length(value) > 63) {
            errors.add("must be no more than 63 bytes");
        }
        if (!VALUE_PATTERN.matcher(value).matches()) {
            errors.add(VALUE_RULE);
        }
        return errors;
    }

    private static void prefixErrors(String prefix, List<String> errors) {
        if (prefix.isEmpty()) {
            errors.add("prefix part must be non-empty");
            return;
        }
        if (length(prefix) > 253) {
            errors.add("prefix part must be no more than 253 bytes");
        }
        if (!SUBDOMAIN_PATTERN.matcher(prefix).matches()) {
            errors.add("prefix part " + SUBDOMAIN_RULE);
        }
    }

    private static int length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
