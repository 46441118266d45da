package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `insula tenant sync`.
@Command(
        name = "sync",
        description = {
            "Says which kinds of somebody else's go from a tenant to the host, or are shown to it from there: all rules"
                    + " at once.",
            "The file has them as a Tenant has them in spec.sync.customKinds: a list, or an object with that list. What a"
                    + " rule sent goes from there when the rule does; an empty list takes all away."
        })
final class TenantSyncCommand implements Callable<Integer> {

    private static final String RULES = "customKinds";

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "NAME")
    private @Nullable String name;

    @Option(
            names = {"-f", "--filename"},
            required = true,
            paramLabel = "FILE",
            description = "YAML or JSON; - for standard input.")
    private String file = "";

    @Override
    public Integer call() {
        String of = TenantArgument.require(spec, name);
        var rules = rules(ManifestFile.read(file));
        try (var admin = AdminClient.connect(TenantArgument.access(spec))) {
            ObjectNode change = Json.object();
            change.set(RULES, rules);
            admin.patch("/v1/tenants/" + of, change);
        }
        System.out.println("tenant " + of + " has " + rules.size() + " rules of custom kinds; `insula tenant get " + of
                + " -o yaml` shows how far they are (CustomKindsSynced)");
        return 0;
    }

    private ArrayNode rules(List<JsonNode> documents) {
        if (documents.size() == 1) {
            var document = documents.getFirst();
            for (var place : List.of(document, document.path(RULES), document.at("/spec/sync/" + RULES))) {
                if (place instanceof ArrayNode rules) {
                    return rules;
                }
            }
        }
        throw new CommandException(file + ": has no rules (expected: a list, or one document with " + RULES + ")");
    }
}
