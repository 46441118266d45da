package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.tenantapi.api.Json;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/// For whom a kubeconfig is to be. Nobody named: user `admin`, an administrator. Somebody named: nobody's rights but
/// those that are asked for.
final class KubeconfigOptions {

    @Option(
            names = "--user",
            paramLabel = "U",
            description = "The user in the certificate. A named user is in no group and may do what RBAC in the cluster"
                    + " says, unless --admin or --group follow. Default: admin, with --admin.")
    private @Nullable String user;

    @Option(
            names = "--admin",
            description = "Puts the user into the group " + ClusterPki.CLUSTER_ADMINS
                    + ", which may do everything until somebody deletes the ClusterRoleBinding of this name.")
    private boolean admin;

    @Option(
            names = "--group",
            paramLabel = "G",
            description = "Puts the user into a group; may be repeated. system:masters is a group that RBAC cannot"
                    + " restrict: what it gets cannot be taken back before it ends.")
    private List<String> groups = new ArrayList<>();

    @Option(
            names = "--lifetime",
            paramLabel = "D",
            description = "How long it is good for: 10m to 365d (default: 30d).")
    private @Nullable String lifetime;

    /// Whether anything was asked for at all.
    boolean isEmpty() {
        return user == null && !admin && groups.isEmpty() && lifetime == null;
    }

    /// @throws ParameterException for a lifetime that is none
    ObjectNode request(@Nullable CommandSpec spec) {
        boolean nobodyNamed = user == null && groups.isEmpty();
        var all = new LinkedHashSet<String>();
        if (admin || nobodyNamed) {
            all.add(ClusterPki.CLUSTER_ADMINS);
        }
        all.addAll(groups);
        ObjectNode request = request(user == null ? "admin" : user, List.copyOf(all));
        if (lifetime != null) {
            request.put("expirationSeconds", seconds(lifetime, spec));
        }
        return request;
    }

    /// An administrator by this name, for the usual time.
    static ObjectNode administrator(String name) {
        return request(name, List.of(ClusterPki.CLUSTER_ADMINS));
    }

    /// The file, with a first line that says whose it is.
    static String text(JsonNode answer) {
        String yaml = answer.path("kubeconfig").asText();
        if (!answer.has("user")) {
            return yaml;
        }
        var names = new ArrayList<String>();
        answer.path("groups").forEach(g -> names.add(g.asText()));
        return "# user \"" + answer.path("user").asText() + "\", "
                + (names.isEmpty() ? "no groups" : "groups " + String.join(", ", names)) + ", until "
                + answer.path("expirationTimestamp").asText() + "\n" + yaml;
    }

    private static ObjectNode request(String name, List<String> groups) {
        ObjectNode request = Json.object().put("user", name);
        groups.forEach(request.putArray("groups")::add);
        return request;
    }

    static long seconds(String text, @Nullable CommandSpec spec) {
        try {
            return Lifetime.parse(text).toSeconds();
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            if (spec == null) {
                throw new CommandException(message, e);
            }
            throw new ParameterException(spec.commandLine(), message, e);
        }
    }
}
