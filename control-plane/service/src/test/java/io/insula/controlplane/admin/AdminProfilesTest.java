package io.insula.controlplane.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.controlplane.tenant.IsolationProfileResource;
import io.insula.tenantapi.api.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Changes of isolation profiles, by the admin API: looked at, then made.
final class AdminProfilesTest {

    @TempDir
    private Path folder;

    @Test
    void saysWhatAChangeMeansForPodsThatRunAndWritesNothing() {
        try (var admin = new AdminFixture(folder)) {
            admin.host()
                    .resource(new NodeBuilder()
                            .withNewMetadata()
                            .withName("n1")
                            .endMetadata()
                            .build())
                    .create();
            make(admin, "shop", "{sandbox: runc}");
            assertThat(admin.post("/v1/tenants", "{\"name\":\"acme\",\"profile\":\"shop\"}")
                            .status())
                    .isEqualTo(201);
            assertThat(admin.post("/v1/tenants", "{\"name\":\"away\",\"profile\":\"shop\"}")
                            .status())
                    .isEqualTo(201);
            assertThat(admin.post("/v1/tenants", "{\"name\":\"other\"}").status())
                    .isEqualTo(201);
            admin.pods.put(
                    "acme",
                    List.of(
                            pod("plain", "n1", "{containers: [{name: c, image: i}]}"),
                            pod("root", "n1", "{containers: [{name: c, image: i, securityContext: {runAsUser: 0}}]}"),
                            ended("over")));
            admin.pods.put("other", List.of(pod("theirs", "n1", "{containers: [{name: c, image: i}]}")));

            var same = preview(admin, "{sandbox: runc, quota: {pods: 7}}");
            assertThat(same.path("from")).isEqualTo(same.path("to"));
            assertThat(same.path("pods")).isEmpty();
            assertThat(same.path("unchanged").asInt()).isEqualTo(2);
            assertThat(same.path("tenants").toString()).isEqualTo("[\"acme\",\"away\"]");
            assertThat(same.path("unasked").toString()).isEqualTo("[\"away\"]");

            var restricted = preview(admin, "{sandbox: runc, podSecurity: restricted}");
            assertThat(outcomes(restricted)).containsExactly("plain refused", "root refused");
            assertThat(restricted.at("/pods/0/field").asText()).isNotEmpty();

            var isolated = preview(admin, "{sandbox: gvisor}");
            assertThat(isolated.path("from")).isNotEqualTo(isolated.path("to"));
            assertThat(outcomes(isolated)).containsExactly("plain replaced", "root replaced");
            assertThat(isolated.at("/pods/0/changes").toString()).contains("spec.runtimeClassName");

            assertThat(outcomes(preview(admin, "{sandbox: runc, nodePool: {selector: {disk: ssd}}}")))
                    .containsExactly("plain elsewhere", "root elsewhere");
            assertThat(outcomes(preview(admin, "{sandbox: runc, pidsLimit: 9}")))
                    .containsExactly("plain replaced", "root replaced");
            assertThat(spec(admin, "shop")).isEqualTo(Map.of("sandbox", "runc"));
        }
    }

    @Test
    void writesWhatWasLookedAtOnly() {
        try (var admin = new AdminFixture(folder)) {
            make(admin, "shop", "{sandbox: runc}");
            var from = preview(admin, "{sandbox: gvisor}").path("from").asText();
            var stale = admin.post("/v1/profiles/shop/apply", body("{sandbox: gvisor}", ", \"from\": \"0123456789\""));
            assertThat(stale.status()).isEqualTo(412);
            assertThat(spec(admin, "shop")).containsEntry("sandbox", "runc");

            var wrong = admin.post("/v1/profiles/shop/apply", body("{sandbox: none}", ""));
            assertThat(wrong.status()).isEqualTo(422);
            assertThat(wrong.body()).contains("sandbox: ");
            assertThat(spec(admin, "shop")).containsEntry("sandbox", "runc");

            assertThat(admin.post(
                                    "/v1/profiles/shop/apply",
                                    body("{sandbox: gvisor}", ", \"from\": \"" + from + "\", \"rollOut\": true"))
                            .status())
                    .isEqualTo(200);
            assertThat(spec(admin, "shop")).isEqualTo(Map.of("sandbox", "gvisor"));
            assertThat(profile(admin, "shop").getMetadata().getAnnotations()).containsKey("insula.io/roll-out");
        }
    }

    @Test
    void makesAProfileThatIsNew() {
        try (var admin = new AdminFixture(folder)) {
            assertThat(admin.post("/v1/profiles/fresh/apply", body("{sandbox: kata}", ", \"from\": \"\""))
                            .status())
                    .isEqualTo(200);
            assertThat(spec(admin, "fresh")).containsEntry("sandbox", "kata");
            assertThat(admin.post("/v1/profiles/Fresh_1/apply", body("{sandbox: kata}", ""))
                            .status())
                    .isEqualTo(422);
            assertThat(admin.post("/v1/profiles/fresh/apply", body("{sandbox: runc}", ", \"from\": \"\""))
                            .status())
                    .as("it is there meanwhile")
                    .isEqualTo(412);
        }
    }

    @Test
    void takesRulesThatCompileOnly() {
        try (var admin = new AdminFixture(folder)) {
            assertThat(admin.post("/v1/tenants", "{\"name\":\"acme\"}").status())
                    .isEqualTo(201);
            for (var wrong : List.of(
                    "[{\"when\":\"object.spec.\",\"profile\":\"runc\"}]",
                    "[{\"when\":\"1 + 1\",\"profile\":\"runc\"}]",
                    "[{\"when\":\"true\"}]",
                    "[7]")) {
                var answer = admin.patch("/v1/tenants/acme", "{\"profileRules\":" + wrong + "}");
                assertThat(answer.status()).as(wrong).isEqualTo(422);
                assertThat(answer.body()).contains("profileRules");
            }
            assertThat(admin.patch(
                                    "/v1/tenants/acme",
                                    "{\"profileRules\":[{\"when\":\"object.spec.containers.size() > 1\",\"profile\":\"runc\"}]}")
                            .status())
                    .isEqualTo(200);
            assertThat(admin.get("/v1/tenants/acme")
                            .json()
                            .at("/spec/profileRules/0/profile")
                            .asText())
                    .isEqualTo("runc");
        }
    }

    private static JsonNode preview(AdminFixture admin, String spec) {
        var answer = admin.post("/v1/profiles/shop/preview", body(spec, ""));
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json();
    }

    private static List<String> outcomes(JsonNode preview) {
        return preview.path("pods")
                .valueStream()
                .map(pod ->
                        pod.path("name").asText() + " " + pod.path("outcome").asText())
                .sorted()
                .toList();
    }

    private static String body(String spec, String more) {
        return "{\"spec\": " + Json.MAPPER.valueToTree(map(spec)) + more + "}";
    }

    private static void make(AdminFixture admin, String name, String spec) {
        assertThat(admin.post("/v1/profiles/" + name + "/apply", body(spec, "")).status())
                .isEqualTo(200);
    }

    private static IsolationProfileResource profile(AdminFixture admin, String name) {
        return admin.host()
                .resources(IsolationProfileResource.class)
                .withName(name)
                .get();
    }

    /// Without what the definition defaults.
    private static Map<String, Object> spec(AdminFixture admin, String name) {
        var spec = new java.util.TreeMap<>(profile(admin, name).getSpec());
        spec.keySet().removeAll(List.of("podSecurity", "placement", "defaultNetworkPolicy"));
        return spec;
    }

    private static ObjectNode ended(String name) {
        var pod = pod(name, "n1", "{containers: [{name: c, image: i, securityContext: {runAsUser: 0}}]}");
        pod.putObject("status").put("phase", "Succeeded");
        return pod;
    }

    private static ObjectNode pod(String name, String node, String spec) {
        ObjectNode pod = Json.MAPPER.valueToTree(map("{apiVersion: v1, kind: Pod, metadata: {name: " + name
                + ", namespace: default, uid: u}, spec: " + spec + "}"));
        ((ObjectNode) pod.path("spec")).put("nodeName", node);
        return pod;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(String yaml) {
        return Serialization.unmarshal("---\n" + yaml, Map.class);
    }
}
