package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.insula.syncer.engine.HostRights.Right;
import io.insula.syncer.engine.TenantRights;
import io.micronaut.context.ApplicationContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Somebody has the syncer's credential of a tenant, and tries everything that the tenant's API server serves.
@Tag("servers")
class TenantRightsTest {

    private static final Path ROLE = Path.of("../../deploy/rbac/tenants.yaml");
    private static final int FORBIDDEN = 403;

    /// What everybody may who is somebody. Source: Kubernetes documentation, "Using RBAC Authorization", the role
    /// `system:basic-user`.
    private static final Set<String> EVERYBODYS =
            Set.of("selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews");

    /// @param path of the collection's group and version
    private record Attempt(String path, String group, String resource, boolean namespaced, String verb) {
        String right() {
            return group + "/" + resource + " " + verb;
        }

        String method() {
            return switch (verb) {
                case "get", "list", "watch" -> "GET";
                case "create" -> "POST";
                case "update" -> "PUT";
                case "patch" -> "PATCH";
                default -> "DELETE";
            };
        }

        String url() {
            int slash = resource.indexOf('/');
            String collection = slash < 0 ? resource : resource.substring(0, slash);
            boolean one =
                    slash >= 0 || Set.of("get", "update", "patch", "delete").contains(verb);
            return path + (namespaced ? "/namespaces/default" : "") + "/" + collection + (one ? "/nobodys" : "")
                    + (slash < 0 ? "" : resource.substring(slash))
                    + (verb.equals("watch") ? "?watch=true&timeoutSeconds=1" : "");
        }
    }

    @Test
    void theRoleSaysWhatTheSyncersDeclare() throws Exception {
        var role = """
                # Rendered from the syncers' declarations by TenantRightsTest (-Dupdate.golden): do not edit.
                # What the syncer may do in each tenant. API servers of ours have it from the control plane, as standing
                # rights of the group; nothing in a tenant can add to it or take it away.
                """
                + RoleText.role(
                        "ClusterRole",
                        "  name: insula:syncer\n",
                        TenantRights.of(Beans.syncers()).everywhere());
        if (System.getProperty("update.golden") != null) {
            Files.writeString(ROLE, role);
        }
        assertThat(role).isEqualTo(Files.readString(ROLE));
    }

    @Test
    void opensNothingElse() throws Exception {
        Set<String> declared = TenantRights.of(Beans.syncers()).everywhere().stream()
                .flatMap(TenantRightsTest::each)
                .collect(Collectors.toSet());
        try (var beans = ApplicationContext.run();
                var tenant = new Cluster(beans, true, List.of());
                var thief = new KubernetesClientBuilder()
                        .withConfig(tenant.config())
                        .build()) {
            var attempts = attempts(tenant.client());
            var opened = new TreeSet<String>();
            for (var attempt : attempts) {
                if (code(thief, attempt.method(), attempt.url(), Map.of()) != FORBIDDEN) {
                    opened.add(attempt.right());
                }
            }
            assertThat(attempts).hasSizeGreaterThan(400);
            assertThat(opened).containsExactlyInAnyOrderElementsOf(new TreeSet<>(declared));
            assertThat(code(thief, "GET", "/metrics", Map.of())).isEqualTo(FORBIDDEN);
            assertThat(code(thief, "GET", "/api/v1/pods", Map.of("Impersonate-User", "admin")))
                    .isEqualTo(FORBIDDEN);
            assertThat(code(
                            thief,
                            "GET",
                            "/api/v1/pods",
                            Map.of("Impersonate-User", "x", "Impersonate-Group", "system:masters")))
                    .isEqualTo(FORBIDDEN);
        }
    }

    private static Stream<String> each(Right right) {
        return right.verbs().stream().map(verb -> right.resource() + " " + verb);
    }

    /// All that discovery tells of.
    private static List<Attempt> attempts(KubernetesClient admin) throws Exception {
        var all = new ArrayList<Attempt>();
        add(all, "/api/v1", "", json(admin, "/api/v1"));
        for (var group : json(admin, "/apis").path("groups")) {
            for (var version : group.path("versions")) {
                var path = "/apis/" + version.path("groupVersion").asText();
                add(all, path, group.path("name").asText(), json(admin, path));
            }
        }
        return all;
    }

    private static void add(List<Attempt> all, String path, String group, JsonNode resources) {
        for (var resource : resources.path("resources")) {
            var name = resource.path("name").asText();
            if (!EVERYBODYS.contains(name)) {
                resource.path("verbs")
                        .forEach(verb -> all.add(new Attempt(
                                path, group, name, resource.path("namespaced").asBoolean(), verb.asText())));
            }
        }
    }

    private static JsonNode json(KubernetesClient client, String path) {
        return client.getKubernetesSerialization().unmarshal(client.raw(path), JsonNode.class);
    }

    private static int code(KubernetesClient client, String method, String path, Map<String, String> headers)
            throws Exception {
        var url = client.getMasterUrl().toString();
        var request = client.getHttpClient().newHttpRequestBuilder().uri(url.substring(0, url.length() - 1) + path);
        headers.forEach(request::header);
        if (method.equals("PATCH")) {
            request.method(method, "application/merge-patch+json", "{}");
        } else if (!method.equals("GET")) {
            request.method(method, "application/json", "{}");
        }
        return client.getHttpClient()
                .sendAsync(request.build(), String.class)
                .get(1, TimeUnit.MINUTES)
                .code();
    }
}
