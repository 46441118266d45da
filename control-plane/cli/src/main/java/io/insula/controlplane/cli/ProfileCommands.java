package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.view.Condition;
import io.micronaut.context.annotation.Prototype;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
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
        try (var admin = AdminClient.connect(insula.home())) {
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

    /// Whether the host can run its pods, or why not.
    private static String served(JsonNode profile) {
        var condition = Condition.of(profile, "Served");
        if (!condition.exists()) {
            return "not known yet";
        }
        return condition.isTrue() ? "yes" : "no: " + condition.message();
    }
}
