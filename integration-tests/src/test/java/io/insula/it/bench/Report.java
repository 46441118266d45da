package io.insula.it.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What a run found: said on one stream as soon as it is known, and as tables (Markdown) on the other at the end.
/// Confined to the run's thread.
final class Report {

    /// @param bound what is asked for
    /// @param atLeast whether more is better
    private record Goal(String what, double reached, double bound, boolean atLeast, String unit) {
        boolean met() {
            return atLeast ? reached >= bound : reached <= bound;
        }
    }

    private record Line(String what, Object measured) {}

    private final PrintStream progress;
    private final PrintStream tables;
    private final long beginNanos = System.nanoTime();
    private final List<Line> lines = new ArrayList<>();
    private final List<Goal> goals = new ArrayList<>();

    Report(PrintStream progress, PrintStream tables) {
        this.progress = progress;
        this.tables = tables;
    }

    /// What is going on, for who waits.
    void doing(String what) {
        progress.printf(Locale.ROOT, "[%4d s] %s%n", (System.nanoTime() - beginNanos) / 1_000_000_000, what);
        progress.flush();
    }

    void line(String what, Object measured) {
        lines.add(new Line(what, measured));
        doing(what + ": " + measured);
    }

    void atLeast(String what, double reached, double bound, String unit) {
        goals.add(new Goal(what, reached, bound, true, unit));
    }

    void atMost(String what, double reached, double bound, String unit) {
        goals.add(new Goal(what, reached, bound, false, unit));
    }

    /// Prints what has been measured, also after a run that failed halfway.
    void print() {
        if (lines.isEmpty()) {
            return;
        }
        tables.printf("| %-48s | %-78s |%n|%s|%s|%n", "measured", "", "-".repeat(50), "-".repeat(80));
        lines.forEach(line -> tables.printf("| %-48s | %-78s |%n", line.what(), line.measured()));
        tables.printf("%n| %-48s | %12s | %12s | %6s |%n", "goal", "reached", "asked for", "");
        tables.printf("|%s|%s|%s|%s|%n", "-".repeat(50), "-".repeat(14), "-".repeat(14), "-".repeat(8));
        for (Goal goal : goals) {
            tables.printf(
                    "| %-48s | %12s | %12s | %6s |%n",
                    goal.what(),
                    amount(goal.reached(), goal.unit()),
                    (goal.atLeast() ? "≥ " : "≤ ") + amount(goal.bound(), goal.unit()),
                    goal.met() ? "met" : "missed");
        }
        tables.flush();
    }

    private static String amount(double value, String unit) {
        return String.format(Locale.ROOT, "%.2f%s", value, unit.isEmpty() ? "" : " " + unit);
    }
}
