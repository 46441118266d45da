package io.insula.it.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The table that a run prints: each line as soon as it is measured, then what was asked for and what was reached.
final class Report {

    /// @param bound what is asked for
    /// @param atLeast whether more is better
    record Goal(String what, double reached, double bound, boolean atLeast, String unit) {
        boolean met() {
            return atLeast ? reached >= bound : reached <= bound;
        }
    }

    private final PrintStream out;
    private final List<Goal> goals = new ArrayList<>();

    Report(PrintStream out) {
        this.out = out;
    }

    void line(String what, Object measured) {
        out.printf(Locale.ROOT, "%-46s %s%n", what, measured);
        out.flush();
    }

    void atLeast(String what, double reached, double bound, String unit) {
        goals.add(new Goal(what, reached, bound, true, unit));
    }

    void atMost(String what, double reached, double bound, String unit) {
        goals.add(new Goal(what, reached, bound, false, unit));
    }

    void goals() {
        out.printf("%n%-46s %12s %14s%n", "goal", "reached", "asked for");
        for (Goal goal : goals) {
            out.printf(
                    Locale.ROOT,
                    "%-46s %12.2f %s %11.2f %s%s%n",
                    goal.what(),
                    goal.reached(),
                    goal.atLeast() ? ">=" : "<=",
                    goal.bound(),
                    goal.unit(),
                    goal.met() ? "" : "   missed");
        }
    }
}
