package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/// `insula audit`.
@Command(name = "audit", description = "The audit trail in Kafka.")
final class AuditCommands {

    private static final int PAGE = 1_000;

    enum Format {
        text,
        json
    }

    @ParentCommand
    private Insula insula = new Insula();

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
                            defaultValue = "100",
                            description = "How many past events (default: 100).")
                    int lines,
            @Option(
                            names = {"-o", "--output"},
                            paramLabel = "FORMAT",
                            defaultValue = "text",
                            description = "text or json (default: text).")
                    Format format) {
        try (var admin = AdminClient.connect(insula.home())) {
            String cursor = "";
            var last = new ArrayDeque<JsonNode>();
            while (true) {
                JsonNode page = read(admin, tenant, cursor, 0);
                cursor = page.path("cursor").asText();
                for (JsonNode event : page.path("items")) {
                    last.addLast(event);
                    if (last.size() > lines) {
                        last.removeFirst();
                    }
                }
                if (page.path("items").size() < PAGE) {
                    break;
                }
            }
            last.forEach(event -> print(event, format));
            // Ends when nobody reads on: `insula audit tail -f | head`.
            while (follow && !System.out.checkError()) {
                JsonNode page = read(admin, tenant, cursor, 10);
                cursor = page.path("cursor").asText();
                page.path("items").forEach(event -> print(event, format));
            }
        }
        return 0;
    }

    static JsonNode read(AdminClient admin, String tenant, String cursor, int waitSeconds) {
        return admin.get("/v1/audit?limit=" + PAGE + "&waitSeconds=" + waitSeconds
                + "&tenant=" + URLEncoder.encode(tenant, StandardCharsets.UTF_8)
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
                event.path("annotations").path("insula.io/tenant").asText("-"),
                event.path("verb").asText(),
                event.path("responseStatus").path("code").asInt(),
                what,
                event.path("user").path("username").asText());
    }
}
