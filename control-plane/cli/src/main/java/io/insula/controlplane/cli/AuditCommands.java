package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.syncer.engine.InsulaLabels;
import io.micronaut.context.annotation.Prototype;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/// `insula audit`.
@Prototype
@Command(name = "audit", description = "The audit trail in Kafka.")
final class AuditCommands implements InsulaCommand {

    private static final int PAGE = 1_000;
    private static final int DEFAULT_LINES = 100;
    private static final int MOST_LINES = 100_000;
    private static final Pattern AGO = Pattern.compile("([0-9]{1,9})([smhd])");

    enum Format {
        text,
        json
    }

    @ParentCommand
    private Insula insula = new Insula();

    @Override
    public int order() {
        return 80;
    }

    @Command(name = "tail", description = "Prints the last audit events.")
    int tail(
            @Option(names = "--tenant", paramLabel = "NAME", defaultValue = "", description = "Only this tenant's.")
                    String tenant,
            @Option(
                            names = {"-f", "--follow"},
                            description = "Goes on with new events until interrupted.")
                    boolean follow,
            @Option(
                            names = {"-n", "--lines"},
                            paramLabel = "N",
                            description = "How many past events (default: 100; with --since all).")
                    @Nullable
                    Integer lines,
            @Option(
                            names = "--since",
                            paramLabel = "TIME",
                            defaultValue = "",
                            description = "Only events since then: 30s, 15m, 2h, 7d, or a time such as"
                                    + " 2026-01-31T12:00:00Z.")
                    String since,
            @Option(
                            names = {"-o", "--output"},
                            paramLabel = "FORMAT",
                            defaultValue = "text",
                            description = "text or json (default: text).")
                    Format format) {
        try (var admin = AdminClient.connect(insula.access())) {
            requireLines(lines);
            String cursor = printPast(admin, tenant, lines, begin(since), format);
            // Ends when nobody reads on: `insula audit tail -f | head`.
            while (follow && !System.out.checkError()) {
                JsonNode page = read(admin, tenant, cursor, "&waitSeconds=10");
                cursor = page.path("cursor").asText();
                page.path("items").forEach(event -> print(event, format));
            }
        }
        return 0;
    }

    private static void requireLines(@Nullable Integer lines) {
        if (lines != null && (lines < 0 || lines > MOST_LINES)) {
            throw new CommandException("--lines: " + lines + " (expected: 0.." + MOST_LINES + ")");
        }
    }

    /// The newest events of a tenant, at most a page.
    static JsonNode newest(AdminClient admin, String tenant) {
        return read(admin, tenant, "", "&last=" + PAGE).path("items");
    }

    /// Answers where to go on.
    private static String printPast(
            AdminClient admin, String tenant, @Nullable Integer lines, String since, Format format) {
        boolean all = lines == null && !since.isEmpty();
        int count = lines == null ? DEFAULT_LINES : lines;
        String first = (all ? "" : "&last=" + Math.max(1, count))
                + (since.isEmpty() ? "" : "&since=" + URLEncoder.encode(since, StandardCharsets.UTF_8));
        var last = new ArrayDeque<JsonNode>();
        JsonNode page = read(admin, tenant, "", first);
        if (!page.path("complete").asBoolean(true)) {
            System.err.println("insula: there is more of the trail than was searched; --since searches from a time on");
        }
        while (true) {
            for (JsonNode event : page.path("items")) {
                if (all) {
                    print(event, format);
                } else {
                    last.addLast(event);
                    if (last.size() > count) {
                        last.removeFirst();
                    }
                }
            }
            String cursor = page.path("cursor").asText();
            if (page.path("items").size() < PAGE) {
                last.forEach(event -> print(event, format));
                return cursor;
            }
            page = read(admin, tenant, cursor, "");
        }
    }

    /// A time as it is, or so long ago.
    private static String begin(String since) {
        if (since.isEmpty()) {
            return "";
        }
        Matcher ago = AGO.matcher(since);
        try {
            return (ago.matches()
                            ? Instant.now().minus(Duration.parse(unit(ago.group(1), ago.group(2))))
                            : Instant.parse(since))
                    .toString();
        } catch (DateTimeException | ArithmeticException e) {
            throw new CommandException(
                    "--since: \"" + since + "\" (expected: 30s, 15m, 2h, 7d or a time such as 2026-01-31T12:00:00Z)",
                    e);
        }
    }

    private static String unit(String number, String unit) {
        return unit.equals("d") ? "P" + number + "D" : "PT" + number + unit;
    }

    private static JsonNode read(AdminClient admin, String tenant, String cursor, String more) {
        return admin.get("/v1/audit?limit=" + PAGE + "&tenant=" + URLEncoder.encode(tenant, StandardCharsets.UTF_8)
                + more
                + (cursor.isEmpty() ? "" : "&cursor=" + URLEncoder.encode(cursor, StandardCharsets.UTF_8)));
    }

    static void print(JsonNode event, Format format) {
        if (format == Format.json) {
            System.out.println(event);
            return;
        }
        JsonNode object = event.path("objectRef");
        String where = object.path("namespace").asText("");
        String name = object.path("name").asText("");
        String what = object.isMissingNode()
                ? event.path("requestURI").asText()
                : object.path("resource").asText() + " " + (where.isEmpty() ? name : where + "/" + name);
        System.out.printf(
                "%s  %-12s %-7s %3d  %s  (%s)%n",
                event.path("stageTimestamp")
                        .asText(event.path("requestReceivedTimestamp").asText()),
                event.path("annotations").path(InsulaLabels.TENANT).asText("-"),
                event.path("verb").asText(),
                event.path("responseStatus").path("code").asInt(),
                what,
                event.path("user").path("username").asText());
    }
}
