package io.insula.tenantapi.cel.library;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A semantic version; build metadata counts neither in comparison nor in equality. Source: semver.org, 2.0.0.
///
/// @param prerelease its dot-separated parts, empty for a release
record Semver(long major, long minor, long patch, List<String> prerelease) implements Comparable<Semver> {

    private static final String NUMBER = "(0|[1-9]\\d{0,17})";
    private static final Pattern TEXT = Pattern.compile(NUMBER + "\\." + NUMBER + "\\." + NUMBER
            + "(?:-((?:0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\\.(?:0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?"
            + "(?:\\+[0-9a-zA-Z-]+(?:\\.[0-9a-zA-Z-]+)*)?");

    /// @param normalize also takes a leading `v`, missing minor and patch numbers, and leading zeros
    static Optional<Semver> parse(String text, boolean normalize) {
        Matcher matcher = TEXT.matcher(normalize ? normalized(text) : text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String before = matcher.group(4);
        return Optional.of(new Semver(
                Long.parseLong(matcher.group(1)),
                Long.parseLong(matcher.group(2)),
                Long.parseLong(matcher.group(3)),
                before == null ? List.of() : List.of(before.split("\\.", -1))));
    }

    private static String normalized(String text) {
        String[] parts = (text.startsWith("v") ? text.substring(1) : text).split("\\.", 3);
        for (int i = 0; i < parts.length; i++) {
            if (parts[i].length() > 1) {
                String rest = parts[i].replaceFirst("^0+", "");
                parts[i] = rest.isEmpty() || !Character.isDigit(rest.charAt(0)) ? "0" + rest : rest;
            }
        }
        String joined = String.join(".", parts);
        boolean hasSuffix = parts.length < 3 && (joined.contains("-") || joined.contains("+"));
        return hasSuffix ? text : joined + ".0".repeat(3 - parts.length);
    }

    @Override
    public int compareTo(Semver other) {
        int order = Long.compare(major, other.major);
        order = order != 0 ? order : Long.compare(minor, other.minor);
        order = order != 0 ? order : Long.compare(patch, other.patch);
        if (order != 0 || prerelease.equals(other.prerelease)) {
            return order;
        }
        if (prerelease.isEmpty() || other.prerelease.isEmpty()) {
            return prerelease.isEmpty() ? 1 : -1;
        }
        for (int i = 0; i < Math.min(prerelease.size(), other.prerelease.size()); i++) {
            order = comparePart(prerelease.get(i), other.prerelease.get(i));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(prerelease.size(), other.prerelease.size());
    }

    /// Numbers by value and before words.
    private static int comparePart(String a, String b) {
        boolean aNumber = a.chars().allMatch(Character::isDigit);
        boolean bNumber = b.chars().allMatch(Character::isDigit);
        if (aNumber != bNumber) {
            return aNumber ? -1 : 1;
        }
        int byLength = aNumber ? Integer.compare(a.length(), b.length()) : 0;
        return byLength != 0 ? byLength : a.compareTo(b);
    }
}
