package io.insula.node.pod;

import java.util.regex.Pattern;

/// Names of images. Stateless. Source: distribution, `reference/regexp.go`.
public final class ImageNames {

    private static final String DOMAIN_PART = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
    private static final String PART = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
    private static final Pattern REFERENCE = Pattern.compile("(?:" + DOMAIN_PART + "(?:\\." + DOMAIN_PART
            + ")*(?::[0-9]+)?/)?" + PART + "(?:/" + PART + ")*"
            + "(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?"
            + "(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?");

    private ImageNames() {}

    /// Whether a registry could be asked for it.
    public static boolean isValid(String name) {
        return REFERENCE.matcher(name).matches();
    }
}
