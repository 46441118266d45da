package io.insula.host.simulation;

import java.util.Locale;

/// The parts of an image reference: `registry/path/name:tag@digest`. Pure.
/// Source: the distribution project's reference grammar.
final class ImageNames {

    private ImageNames() {}

    static boolean isValid(String image) {
        String path = withoutTag(image);
        boolean characters =
                path.chars().allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || "._-/:".indexOf(c) >= 0);
        String rest = path.substring(registry(image).length());
        return !path.isEmpty()
                && !path.startsWith("/")
                && !path.endsWith("/")
                && !path.contains("//")
                && (characters
                        || path.toLowerCase(Locale.ROOT)
                                .startsWith(registry(image).toLowerCase(Locale.ROOT)))
                && rest.equals(rest.toLowerCase(Locale.ROOT))
                && rest.chars().noneMatch(c -> c <= ' ' || c == ':');
    }

    /// Empty for the default one.
    static String registry(String image) {
        int slash = image.indexOf('/');
        String first = slash < 0 ? "" : image.substring(0, slash);
        return first.contains(".") || first.contains(":") || first.equals("localhost") ? first : "";
    }

    /// The last part of the path.
    static String name(String image) {
        String path = withoutTag(image);
        return path.substring(path.lastIndexOf('/') + 1);
    }

    static String tag(String image) {
        String plain = withoutDigest(image);
        int colon = plain.lastIndexOf(':');
        return colon > plain.lastIndexOf('/') ? plain.substring(colon + 1) : "";
    }

    private static String withoutTag(String image) {
        String plain = withoutDigest(image);
        int colon = plain.lastIndexOf(':');
        return colon > plain.lastIndexOf('/') ? plain.substring(0, colon) : plain;
    }

    private static String withoutDigest(String image) {
        int at = image.indexOf('@');
        return at < 0 ? image : image.substring(0, at);
    }
}
