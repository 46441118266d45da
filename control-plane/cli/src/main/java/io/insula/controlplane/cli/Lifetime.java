package io.insula.controlplane.cli;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How long a certificate is good for, as people write it.
final class Lifetime {

    private static final Pattern FORM = Pattern.compile("([0-9]{1,9})([smhd])");

    private Lifetime() {}

    /// @throws IllegalArgumentException for anything but a number with a unit
    static Duration parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "--lifetime: \"" + text + "\" (expected: a number with s, m, h or d, like 30m, 12h or 30d)");
        }
        long number = Long.parseLong(form.group(1));
        return switch (form.group(2)) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
    }
}
