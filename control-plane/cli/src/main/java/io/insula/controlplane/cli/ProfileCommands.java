package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.view.Condition;
import io.micronaut.context.annotation.Prototype;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/// `insula profile`.
@Prototype
@Command(name = "profile", description = "Isolation profiles.")
final class ProfileCommands implements InsulaCommand {

    @ParentCommand
    private Insula insula = new Insula();

    @Override
    public int order() {
        return 70;
    }

    @Command(name = "list", description = "Lists the profiles that tenants can have.")
    int list() {
        try (var admin = AdminClient.connect(insula.access())) {
            var rows = new ArrayList<List<String>>();
            admin.items("/v1/profiles", "")
                    .forEach(p -> rows.add(List.of(
                            p.path("metadata").path("name").asText(),
                            p.path("spec").path("sandbox").asText(),
                            p.path("spec").path("podSecurity").asText("baseline"),
                            p.path("spec").path("resources").path("mode").asText("hard"),
                            p.path("status").path("nodeCount").asText("?"),
                            served(p))));
            TextTable.print(List.of("NAME", "SANDBOX", "POD-SECURITY", "RESOURCES", "NODES", "SERVED"), rows);
        }
        return 0;
    }

    @Command(
            name = "explain",
            description =
                    "Shows which profile a tenant's pod would get and why, what is refused, and what would stand on"
                            + " the host. Writes nothing; ends with 1 where a pod is refused.")
    int explain(
            @Parameters(paramLabel = "TENANT", description = "The tenant.") String tenant,
            @Option(
                            names = {"-f", "--filename"},
                            required = true,
                            paramLabel = "FILE",
                            description = "A Pod, or something with a pod template; - for standard input.")
                    String file) {
        var pods = PodFile.read(file);
        boolean refused = false;
        try (var admin = AdminClient.connect(insula.access())) {
            for (ObjectNode pod : pods) {
                ObjectNode request = Json.object();
                request.set("pod", pod);
                JsonNode explanation = admin.post("/v1/tenants/" + tenant + "/explain", request);
                System.out.println(ShownExplanation.of(pod, explanation));
                refused |= ShownExplanation.isRefused(explanation);
            }
        }
        return refused ? 1 : 0;
    }

    @Command(
            name = "diff",
            description =
                    "Shows what the IsolationProfile of a file would change for the pods that run, were they made anew."
                            + " Writes nothing; ends with 1 where a pod would be refused.")
    int diff(
            @Option(
                            names = {"-f", "--filename"},
                            required = true,
                            paramLabel = "FILE",
                            description = "An IsolationProfile; - for standard input.")
                    String file) {
        var profile = ProfileFile.read(file);
        try (var admin = AdminClient.connect(insula.access())) {
            JsonNode preview = admin.post("/v1/profiles/" + profile.name() + "/preview", profile.request());
            System.out.println(ShownChange.of(profile.name(), preview));
            return ShownChange.isRefusing(preview) ? 1 : 0;
        }
    }

    @Command(
            name = "apply",
            description =
                    "Writes the IsolationProfile of a file, and says what that changes. Where a pod that runs would be"
                            + " refused if it were made anew, it is written with --yes only.")
    int apply(
            @Option(
                            names = {"-f", "--filename"},
                            required = true,
                            paramLabel = "FILE",
                            description = "An IsolationProfile; - for standard input.")
                    String file,
            @Option(
                            names = "--roll-out",
                            description = "Has pods made anew that earlier versions made, as budgets allow it.")
                    boolean rollOut,
            @Option(names = "--yes", description = "Also where pods would be refused.") boolean yes) {
        var profile = ProfileFile.read(file);
        try (var admin = AdminClient.connect(insula.access())) {
            JsonNode preview = admin.post("/v1/profiles/" + profile.name() + "/preview", profile.request());
            System.out.println(ShownChange.of(profile.name(), preview));
            if (ShownChange.isRefusing(preview) && !yes) {
                System.out.println("nothing is written; --yes writes it all the same");
                return 1;
            }
            admin.post(
                    "/v1/profiles/" + profile.name() + "/apply",
                    profile.request()
                            .put("from", preview.path("from").asText(""))
                            .put("rollOut", rollOut));
            System.out.println("profile " + profile.name() + " is written"
                    + (rollOut ? "; its status tells how far the roll-out is" : ""));
        }
        return 0;
    }

    /// Whether the host can run its pods, or why not.
    private static String served(JsonNode profile) {
        var condition = Condition.of(profile, "Served");
        if (!condition.exists()) {
            return "not known yet";
        }
        return condition.isTrue() ? "yes" : "no: " + condition.message();
    }
}
