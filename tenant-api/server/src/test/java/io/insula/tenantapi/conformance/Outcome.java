package io.insula.tenantapi.conformance;

import java.util.Locale;

/// What became of a test; later ones outweigh earlier ones when a method runs several times.
enum Outcome {
    PASSED("yes"),
    NOT_RUN("not run"),
    SKIPPED("skipped"),
    FAILED("**no**");

    private final String cell;

    Outcome(String cell) {
        this.cell = cell;
    }

    /// As `CONFORMANCE.md` says it.
    String cell() {
        return cell;
    }

    Outcome and(Outcome other) {
        return compareTo(other) >= 0 ? this : other;
    }

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Outcome parse(String text) {
        return valueOf(text.strip().toUpperCase(Locale.ROOT));
    }
}
