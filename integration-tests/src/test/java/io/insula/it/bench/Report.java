package io.insula.it.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

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

    /// @param grows whether more is better
    private record Figure(double value, boolean grows) {}

    private final PrintStream progress;
    private final PrintStream tables;
    private final long beginNanos = System.nanoTime();
    private final List<Line> lines = new ArrayList<>();
    private final List<Goal> goals = new ArrayList<>();
    private final Map<String, Figure> figures = new LinkedHashMap<>();

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

    /// How many processors there are and what others let them do.
    void machine(String when) {
        var system = ManagementFactory.getOperatingSystemMXBean();
        line(
                "the machine " + when,
                String.format(
                        Locale.ROOT,
                        "%d cores, load %.1f",
                        system.getAvailableProcessors(),
                        system.getSystemLoadAverage()));
        figure("load." + when.replace(' ', '-'), system.getSystemLoadAverage(), false);
    }

    /// A figure that is remembered from run to run.
    ///
    /// @param grows whether more is better
    void figure(String name, double value, boolean grows) {
        figures.put(name, new Figure(value, grows));
    }

    /// Compares the figures with those that the file has of this bench's last run, and adds them to it: one line of
    /// JSON (`bench`, `at`, `cores`, `figures`).
    void remember(String bench, Path history) throws IOException {
        List<String> before = Files.exists(history) ? Files.readAllLines(history) : List.of();
        before.stream()
                .map(line -> Json.parse(line.getBytes(StandardCharsets.UTF_8)))
                .filter(run -> run.path("bench").asText().equals(bench))
                .reduce((_, later) -> later)
                .ifPresent(this::compare);
        ObjectNode run = Json.object()
                .put("bench", bench)
                .put("at", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
                .put("cores", Runtime.getRuntime().availableProcessors());
        ObjectNode values = run.putObject("figures");
        figures.forEach((name, figure) -> values.put(name, Math.round(figure.value() * 1000) / 1000.0));
        Files.writeString(history, run + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private void compare(JsonNode last) {
        tables.printf(
                "%n| %-48s | %12s | %12s | %8s |%n", "since " + last.path("at").asText(), "then", "now", "× better");
        tables.printf("|%s|%s|%s|%s|%n", "-".repeat(50), "-".repeat(14), "-".repeat(14), "-".repeat(10));
        figures.forEach((name, now) -> {
            double then = last.path("figures").path(name).asDouble();
            if (then != 0 && now.value() != 0) {
                double better = now.grows() ? now.value() / then : then / now.value();
                tables.printf(Locale.ROOT, "| %-48s | %12.2f | %12.2f | %8.2f |%n", name, then, now.value(), better);
            }
        });
        tables.flush();
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
