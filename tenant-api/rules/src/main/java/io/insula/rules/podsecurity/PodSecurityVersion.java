package io.insula.rules.podsecurity;

import java.util.Optional;
import java.util.regex.Pattern;

/// Which release's standards a pod is judged by. Immutable.
///
/// @param minor 34 for v1.34; [Integer#MAX_VALUE] for the latest
public record PodSecurityVersion(int minor) implements Comparable<PodSecurityVersion> {

    public static final PodSecurityVersion LATEST = new PodSecurityVersion(Integer.MAX_VALUE);

    private static final Pattern NUMBERED = Pattern.compile("v1\\.(0|[1-9][0-9]*)");

    public PodSecurityVersion {
        if (minor < 0) {
            throw new IllegalArgumentException("minor: " + minor + " (expected: >= 0)");
        }
    }

    /// `latest` or `v1.34`, as labels write it; empty for anything else.
    public static Optional<PodSecurityVersion> of(String label) {
        if (label.equals("latest")) {
            return Optional.of(LATEST);
        }
        var match = NUMBERED.matcher(label);
        if (!match.matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new PodSecurityVersion(Integer.parseInt(match.group(1))));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    public String label() {
        return equals(LATEST) ? "latest" : "v1." + minor;
    }

    @Override
    public int compareTo(PodSecurityVersion other) {
        return Integer.compare(minor, other.minor);
    }
}
