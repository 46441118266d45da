package io.insula.tenantapi.registry;

import java.util.regex.Pattern;

/// The name rules of Kubernetes, with upstream's wording. Each answers the finding, or the empty string.
/// Source: kubernetes/apimachinery, `util/validation`.
public final class Names {

    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
    private static final Pattern LABEL_1035 = Pattern.compile("[a-z]([-a-z0-9]*[a-z0-9])?");

    private Names() {}

    /// Lower-case alphanumerics, `-` and `.`, at most 253 characters.
    public static String dns1123Subdomain(String name) {
        if (name.length() > 253) {
            return "must be no more than 253 characters";
        }
        return isSubdomain(name)
                ? ""
                : "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and"
                        + " must start and end with an alphanumeric character (e.g. 'example.com', regex used for"
                        + " validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    }

    /// Lower-case alphanumerics and `-`, at most 63 characters.
    public static String dns1123Label(String name) {
        if (name.length() > 63) {
            return "must be no more than 63 characters";
        }
        return LABEL.matcher(name).matches()
                ? ""
                : "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start"
                        + " and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for"
                        + " validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
    }

    /// As a label, but starting with a letter.
    public static String dns1035Label(String name) {
        if (name.length() > 63) {
            return "must be no more than 63 characters";
        }
        return LABEL_1035.matcher(name).matches()
                ? ""
                : "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic"
                        + " character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex"
                        + " used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
    }

    /// Anything that can stand between two slashes: RBAC names.
    public static String pathSegment(String name) {
        if (name.equals(".") || name.equals("..")) {
            return "may not be '" + name + "'";
        }
        if (name.contains("/")) {
            return "may not contain '/'";
        }
        return name.contains("%") ? "may not contain '%'" : "";
    }

    /// Labels with dots between them, without a pattern: every write of every object comes by here.
    private static boolean isSubdomain(String name) {
        boolean edge = true;
        char before = '.';
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
            if (!plain && (edge || (c != '-' && c != '.') || (c == '.' && before == '-'))) {
                return false;
            }
            edge = c == '.';
            before = c;
        }
        return !edge && before != '-';
    }
}
