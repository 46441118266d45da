package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `insula tenant access`.
@Command(
        name = "access",
        description = {
            "Says which groups of the issuer (`insula up --oidc-issuer`) own a tenant or may log in to it: all of them"
                    + " anew. Without options it shows who may; --nobody takes it from all.",
            "In the tenant people are in the groups of their token, after oidc:, and may do what RBAC there says of them."
        })
final class TenantAccessCommand implements Callable<Integer> {

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "NAME")
    private @Nullable String name;

    @Option(names = "--owner", paramLabel = "GROUP", description = "Runs the tenant, and may log in to it.")
    private List<String> owners = new ArrayList<>();

    @Option(names = "--member", paramLabel = "GROUP", description = "May log in to the tenant.")
    private List<String> members = new ArrayList<>();

    @Option(
            names = "--cluster-group",
            paramLabel = "GROUP=CLUSTERGROUP",
            description =
                    "Puts the people of an owners' or members' group into a group of the tenant's own besides, such"
                            + " as insula:cluster-admins.")
    private List<String> clusterGroups = new ArrayList<>();

    @Option(names = "--nobody", description = "Lets nobody in by a token.")
    private boolean nobody;

    @Override
    public Integer call() {
        String of = TenantArgument.require(spec, name);
        boolean asks = owners.isEmpty() && members.isEmpty() && clusterGroups.isEmpty() && !nobody;
        ObjectNode wanted = wanted();
        try (var admin = AdminClient.connect(TenantArgument.access(spec))) {
            print(asks ? admin.get("/v1/tenants/" + of) : admin.post("/v1/tenants/" + of + "/access", wanted));
        }
        return 0;
    }

    private ObjectNode wanted() {
        var rules = new LinkedHashMap<String, ObjectNode>();
        for (var entry : Map.of("member", members, "owner", owners).entrySet()) {
            for (String group : entry.getValue()) {
                if (rules.put(group, Json.object().put("group", group).put("role", entry.getKey())) != null) {
                    throw wrong("--owner, --member: \"" + group + "\" is there twice");
                }
            }
        }
        for (String pair : clusterGroups) {
            // a group of the issuer's may have an equals sign in it, one of a cluster has none
            int equals = pair.lastIndexOf('=');
            ObjectNode rule = equals < 0 ? null : rules.get(pair.substring(0, equals));
            if (rule == null) {
                throw wrong("--cluster-group: \"" + pair
                        + "\" (expected: GROUP=CLUSTERGROUP, of a group of --owner or --member)");
            }
            rule.withArrayProperty("clusterGroups").add(pair.substring(equals + 1));
        }
        ObjectNode request = Json.object();
        rules.values().forEach(request.putArray("access")::add);
        return request;
    }

    private static void print(JsonNode tenant) {
        var rows = new ArrayList<List<String>>();
        tenant.at("/spec/access").forEach(rule -> {
            var groups = new ArrayList<String>();
            rule.path("clusterGroups").forEach(group -> groups.add(group.asText()));
            rows.add(List.of(
                    rule.path("group").asText(),
                    rule.path("role").asText("member"),
                    groups.isEmpty() ? "-" : String.join(",", groups)));
        });
        TextTable.print(List.of("GROUP", "ROLE", "CLUSTER GROUPS"), rows);
    }

    private RuntimeException wrong(String message) {
        return spec == null ? new CommandException(message) : new ParameterException(spec.commandLine(), message);
    }
}
