package io.insula.tenantapi.kinds.core;

import java.util.regex.Pattern;

/// IANA service names, as named ports have them. Source: kubernetes/apimachinery `IsValidPortName`.
public final class PortNames {

    private static final Pattern ALLOWED = Pattern.compile("[-a-z0-9]+");

    private PortNames() {}

    /// The finding, or the empty string.
    public static String check(String name) {
        if (name.isEmpty() || name.length() > 15) {
            return "must be no more than 15 characters";
        }
        if (!ALLOWED.matcher(name).matches()) {
            return "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)";
        }
        if (name.chars().noneMatch(c -> c >= 'a' && c <= 'z')) {
            return "must contain at least one letter (a-z)";
        }
        if (name.contains("--")) {
            return "must not contain consecutive hyphens";
        }
        return name.startsWith("-") || name.endsWith("-") ? "must not begin or end with a hyphen" : "";
    }
}
