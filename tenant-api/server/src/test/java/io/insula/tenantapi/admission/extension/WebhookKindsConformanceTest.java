package io.insula.tenantapi.admission.extension;

import static io.insula.tenantapi.admission.extension.HookedServer.CONFIG_MAPS;
import static io.insula.tenantapi.admission.extension.HookedServer.DEFINITIONS;
import static io.insula.tenantapi.admission.extension.HookedServer.MUTATING;
import static io.insula.tenantapi.admission.extension.HookedServer.VALIDATING;
import static io.insula.tenantapi.admission.extension.HookedServer.allowed;
import static io.insula.tenantapi.admission.extension.HookedServer.core;
import static io.insula.tenantapi.admission.extension.HookedServer.denied;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.conformance.Conformance;
import io.insula.tenantapi.fake.FakeObjectClient;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.ports.ObjectClient.Query;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Webhooks as upstream's conformance tests try them on pods, definitions and custom objects, and as they change their
/// configurations.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class WebhookKindsConformanceTest {

    private static final String WEBHOOKS = "[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] ";
    private static final GroupVersionResource V1 = new GroupVersionResource("example.com", "v1", "things");
    private static final GroupVersionResource V2 = new GroupVersionResource("example.com", "v2", "things");

    private HookedServer server;
    private HookServer hooks;
    private ObjectClient client;

    @BeforeAll
    void listen() throws Exception {
        server = new HookedServer();
        hooks = server.hooks;
        hooks.on("/deny", _ -> denied("denied by the hook"));
        hooks.on("/judge-things", WebhookKindsConformanceTest::judgeThing);
        hooks.on(
                "/judge-definitions",
                request -> request.at("/object/metadata/labels/test").asText().equals("disallow")
                        ? denied("the definition has an unwanted label")
                        : allowed());
        hooks.on("/stage-1", request -> addStage(request, "mutation-start", "mutation-stage-1"));
        hooks.on("/stage-2", request -> addStage(request, "mutation-stage-1", "mutation-stage-2"));
        hooks.on(
                "/add-init",
                _ -> patched(
                        "[{\"op\":\"add\",\"path\":\"/spec/initContainers\",\"value\":[{\"name\":\"added\",\"image\":"
                                + "\"i\"}]}]"));
    }

    @AfterAll
    void stopListening() {
        server.close();
    }

    @BeforeEach
    void start() throws Exception {
        client = server.start();
    }

    private static ObjectNode judgeThing(JsonNode request) {
        String word = request.at("/object/data/word").asText();
        if (request.path("operation").asText().equals("DELETE")) {
            return request.at("/oldObject/data/word").asText().equals("undying")
                    ? denied("it cannot be deleted")
                    : allowed();
        }
        return word.equals("disallow") ? denied("it has unwanted data") : allowed();
    }

    /// As upstream's: a stage is added where the one before is there.
    private static ObjectNode addStage(JsonNode request, String before, String stage) {
        return request.at("/object/data/" + before).asText().equals("yes")
                ? patched("[{\"op\":\"add\",\"path\":\"/data/" + stage + "\",\"value\":\"yes\"}]")
                : allowed();
    }

    private static ObjectNode patched(String patch) {
        return allowed()
                .put("patchType", "JSONPatch")
                .put("patch", Base64.getEncoder().encodeToString(patch.getBytes(StandardCharsets.UTF_8)));
    }

    private ObjectNode create(GroupVersionResource resource, String namespace, String yaml) {
        return client.create(resource, namespace, FakeObjectClient.yaml(yaml));
    }

    /// One that is asked about objects of a resource in all its versions.
    private void register(GroupVersionResource kind, String name, GroupVersionResource about, String... paths)
            throws Exception {
        var webhooks = new StringBuilder("metadata: {name: " + name + ", labels: {list: ours}}\nwebhooks:\n");
        for (String path : paths) {
            webhooks.append("""
                    - name: n%d.example.com
                      sideEffects: None
                      admissionReviewVersions: [v1]
                      rules: [{apiGroups: ['%s'], apiVersions: ['*'], operations: [CREATE, UPDATE, DELETE], resources: [%s]}]
                      clientConfig: {url: "%s", caBundle: %s}
                    """.formatted(
                            webhooks.length(), about.group(), about.resource(), hooks.url(path), hooks.caBundle()));
        }
        create(kind, "", webhooks.toString());
    }

    private void define(String schema) {
        create(DEFINITIONS, "", """
                metadata: {name: things.example.com}
                spec:
                  group: example.com
                  scope: Namespaced
                  names: {plural: things, kind: Thing}
                  versions:
                  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: %1$s}}
                  - {name: v2, served: true, storage: false, schema: {openAPIV3Schema: %1$s}}
                """.formatted(schema));
    }

    private static final String OPEN = "{type: object, x-kubernetes-preserve-unknown-fields: true}";

    @Test
    @Conformance(
            value = WEBHOOKS + "should be able to deny custom resource creation, update and deletion [Conformance]",
            weaker = Conformance.NOTHING)
    void judgesCustomObjectsAllTheirLives() throws Exception {
        define(OPEN);
        register(VALIDATING, "judges", V1, "/judge-things");
        assertThatThrownBy(() -> create(V1, "ns", "{metadata: {name: bad}, data: {word: disallow}}"))
                .hasMessageContaining("it has unwanted data");
        ObjectNode thing = create(V1, "ns", "{metadata: {name: a}, data: {word: undying}}");
        ObjectNode spoilt = thing.deepCopy();
        spoilt.withObjectProperty("data").put("word", "disallow");
        assertThatThrownBy(() -> client.update(V1, "ns", "", spoilt)).hasMessageContaining("it has unwanted data");
        assertThatThrownBy(() -> client.delete(V1, "ns", "a", Json.object()))
                .hasMessageContaining("it cannot be deleted");
        assertThat(client.get(V1, "ns", "a")).isPresent();
        thing.withObjectProperty("data").put("word", "allow");
        client.update(V1, "ns", "", thing);
        client.delete(V1, "ns", "a", Json.object());
        assertThat(client.get(V1, "ns", "a")).isEmpty();
    }

    @Test
    @Conformance(value = WEBHOOKS + "should deny crd creation [Conformance]", weaker = Conformance.NOTHING)
    void judgesDefinitions() throws Exception {
        register(VALIDATING, "judges", DEFINITIONS, "/judge-definitions");
        assertThatThrownBy(() -> create(DEFINITIONS, "", """
                        metadata: {name: others.example.com, labels: {test: disallow}}
                        spec: {group: example.com, scope: Namespaced, names: {plural: others, kind: Other},
                          versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: %s}}]}
                        """.formatted(OPEN)))
                .hasMessageContaining("the definition has an unwanted label");
        assertThat(client.get(DEFINITIONS, "", "others.example.com")).isEmpty();
    }

    @Test
    @Conformance(value = WEBHOOKS + "should mutate custom resource [Conformance]", weaker = Conformance.NOTHING)
    void changesCustomObjects() throws Exception {
        define(OPEN);
        register(MUTATING, "stages", V1, "/stage-1", "/stage-2");
        assertThat(create(V1, "ns", "{metadata: {name: a}, data: {mutation-start: 'yes'}}")
                        .path("data"))
                .isEqualTo(FakeObjectClient.yaml(
                        "{mutation-start: 'yes', mutation-stage-1: 'yes', mutation-stage-2: 'yes'}"));
    }

    /// The second stage is none that the schema knows.
    @Test
    @Conformance(
            value = WEBHOOKS + "should mutate custom resource with pruning [Conformance]",
            weaker = Conformance.NOTHING)
    void prunesWhatWebhooksAdd() throws Exception {
        define(
                "{type: object, properties: {data: {type: object, properties: {mutation-start: {type: string}, mutation-stage-1:"
                        + " {type: string}}}}}");
        register(MUTATING, "stages", V1, "/stage-1", "/stage-2");
        ObjectNode made = create(V1, "ns", "{metadata: {name: a}, data: {mutation-start: 'yes'}}");
        assertThat(made.path("data"))
                .isEqualTo(FakeObjectClient.yaml("{mutation-start: 'yes', mutation-stage-1: 'yes'}"));
        assertThat(hooks.asked).as("both were asked").hasSizeGreaterThanOrEqualTo(2);
    }

    @Test
    @Conformance(
            value = WEBHOOKS + "should mutate custom resource with different stored version [Conformance]",
            weaker = Conformance.NOTHING)
    void changesCustomObjectsOfAnotherStoredVersion() throws Exception {
        define(OPEN);
        register(MUTATING, "stages", V1, "/stage-1", "/stage-2");
        create(V1, "ns", "{metadata: {name: a}, data: {mutation-start: 'yes'}}");
        ObjectNode definition =
                client.get(DEFINITIONS, "", "things.example.com").orElseThrow();
        ((ObjectNode) definition.at("/spec/versions/0")).put("storage", false);
        ((ObjectNode) definition.at("/spec/versions/1")).put("storage", true);
        client.update(DEFINITIONS, "", "", definition);

        ObjectNode patched = client.mergePatch(V2, "ns", "a", "", FakeObjectClient.yaml("dummy: test"));
        assertThat(patched.path("data"))
                .isEqualTo(FakeObjectClient.yaml(
                        "{mutation-start: 'yes', mutation-stage-1: 'yes', mutation-stage-2: 'yes'}"));
        assertThat(patched.path("dummy").asText()).isEqualTo("test");
        assertThat(patched.path("apiVersion").asText()).isEqualTo("example.com/v2");
    }

    @Test
    @Conformance(
            value = WEBHOOKS + "should mutate pod and apply defaults after mutation [Conformance]",
            weaker = Conformance.NOTHING)
    void defaultsWhatWebhooksAdd() throws Exception {
        create(core("serviceaccounts"), "ns", "metadata: {name: default}");
        register(MUTATING, "adds", core("pods"), "/add-init");
        JsonNode added = create(core("pods"), "ns", "{metadata: {name: a}, spec: {containers: [{name: c, image: i}]}}")
                .at("/spec/initContainers");
        assertThat(added).hasSize(1);
        assertThat(added.at("/0/name").asText()).isEqualTo("added");
        assertThat(added.at("/0/terminationMessagePolicy").asText()).isEqualTo("File");
    }

    @Test
    @Conformance(
            value = {
                WEBHOOKS + "patching/updating a validating webhook should work [Conformance]",
                WEBHOOKS + "patching/updating a mutating webhook should work [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void obeysItsRulesAsTheyAreNow() throws Exception {
        register(VALIDATING, "changing", CONFIG_MAPS, "/deny");
        assertDenied("one");
        ObjectNode fewer = withOperations(VALIDATING, "UPDATE");
        String before = client.update(VALIDATING, "", "", fewer)
                .at("/metadata/resourceVersion")
                .asText();
        create(CONFIG_MAPS, "ns", "metadata: {name: two}");
        assertThat(patchOperations(VALIDATING, "CREATE")).isGreaterThan(Long.parseLong(before));
        assertDenied("three");
        client.delete(VALIDATING, "", "changing", Json.object());

        register(MUTATING, "changing", CONFIG_MAPS, "/stage-1");
        assertThat(stages("four")).isEqualTo(2);
        before = client.update(MUTATING, "", "", withOperations(MUTATING, "UPDATE"))
                .at("/metadata/resourceVersion")
                .asText();
        assertThat(stages("five")).isEqualTo(1);
        assertThat(patchOperations(MUTATING, "CREATE")).isGreaterThan(Long.parseLong(before));
        assertThat(stages("six")).isEqualTo(2);
    }

    private ObjectNode withOperations(GroupVersionResource kind, String operation) {
        ObjectNode changing = client.get(kind, "", "changing").orElseThrow();
        ((ObjectNode) changing.at("/webhooks/0/rules/0")).putArray("operations").add(operation);
        return changing;
    }

    private long patchOperations(GroupVersionResource kind, String operation) {
        ObjectNode patch = Json.object();
        patch.set("webhooks", withOperations(kind, operation).path("webhooks"));
        return client.mergePatch(kind, "", "changing", "", patch)
                .at("/metadata/resourceVersion")
                .asLong();
    }

    private void assertDenied(String name) {
        assertThatThrownBy(() -> create(CONFIG_MAPS, "ns", "metadata: {name: " + name + "}"))
                .hasMessageContaining("denied by the hook");
    }

    private int stages(String name) {
        return create(CONFIG_MAPS, "ns", "{metadata: {name: " + name + "}, data: {mutation-start: 'yes'}}")
                .path("data")
                .size();
    }

    @Test
    @Conformance(
            value = {
                WEBHOOKS + "listing validating webhooks should work [Conformance]",
                WEBHOOKS + "listing mutating webhooks should work [Conformance]"
            },
            weaker = "deletes the ten configurations by one request")
    void obeysManyUntilTheyAreGone() throws Exception {
        for (int i = 0; i < 10; i++) {
            register(VALIDATING, "many-" + i, CONFIG_MAPS, "/deny");
            register(MUTATING, "many-" + i, CONFIG_MAPS, "/stage-1");
        }
        for (GroupVersionResource kind : List.of(VALIDATING, MUTATING)) {
            assertThat(client.list(kind, "", new Query("list=ours", "")).items())
                    .hasSize(10);
            assertThat(client.list(kind, "", new Query("list=others", "")).items())
                    .isEmpty();
        }
        assertDenied("one");
        deleteAll(VALIDATING);
        assertThat(stages("two")).isEqualTo(2);
        deleteAll(MUTATING);
        assertThat(stages("three")).isEqualTo(1);
    }

    private void deleteAll(GroupVersionResource kind) {
        for (int i = 0; i < 10; i++) {
            client.delete(kind, "", "many-" + i, Json.object());
        }
    }
}
