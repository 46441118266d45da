package io.insula.tenantapi.admission.extension;

import static io.insula.tenantapi.admission.extension.HookedServer.CONFIG_MAPS;
import static io.insula.tenantapi.admission.extension.HookedServer.DEFINITIONS;
import static io.insula.tenantapi.admission.extension.HookedServer.MUTATING;
import static io.insula.tenantapi.admission.extension.HookedServer.NAMESPACES;
import static io.insula.tenantapi.admission.extension.HookedServer.VALIDATING;
import static io.insula.tenantapi.admission.extension.HookedServer.allowed;
import static io.insula.tenantapi.admission.extension.HookedServer.core;
import static io.insula.tenantapi.admission.extension.HookedServer.denied;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.conformance.Conformance;
import io.insula.tenantapi.fake.FakeObjectClient;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.view.PodView;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Webhooks as upstream's conformance tests try them: on a whole server, with webhooks that really listen.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class WebhookConformanceTest {

    private static final GroupVersionResource PODS = core("pods");

    private HookedServer server;
    private HookServer hooks;
    private ObjectClient client;

    @BeforeAll
    void listen() throws Exception {
        server = new HookedServer();
        hooks = server.hooks;
        hooks.on("/pods", WebhookConformanceTest::judgePod);
        hooks.on("/configmaps", WebhookConformanceTest::judgeConfigMap);
        hooks.on("/deny", _ -> denied("the hook says no"));
        hooks.on("/add-stage", WebhookConformanceTest::addStage);
        hooks.on(
                "/add-label",
                _ -> patch("[{\"op\":\"add\",\"path\":\"/metadata/labels\",\"value\":{\"hook\":\"was-here\"}}]"));
        hooks.on("/convert", WebhookConformanceTest::convert);
        // longer than the shortest timeout
        hooks.on("/slow", _ -> allowedAfter(1500));
    }

    @AfterAll
    void stopListening() {
        server.close();
    }

    @BeforeEach
    void start() throws Exception {
        client = server.start();
    }

    @Test
    @Conformance(
            value = "[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should be able to deny pod and"
                    + " configmap creation [Conformance]",
            weaker = Conformance.NOTHING)
    void denies() throws Exception {
        create(core("serviceaccounts"), "ns", "metadata: {name: default}");
        create(VALIDATING, "", """
                metadata: {name: judges}
                webhooks:
                - name: pods.example.com
                  sideEffects: None
                  admissionReviewVersions: [v1]
                  namespaceSelector: {matchExpressions: [{key: skip-webhook, operator: NotIn, values: ['yes']}]}
                  rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
                  clientConfig: {url: "%1$s/pods", caBundle: %2$s}
                - name: maps.example.com
                  sideEffects: None
                  admissionReviewVersions: [v1]
                  namespaceSelector: {matchExpressions: [{key: skip-webhook, operator: NotIn, values: ['yes']}]}
                  rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE, DELETE], resources: [configmaps]}]
                  clientConfig: {url: "%1$s/configmaps", caBundle: %2$s}
                """.formatted(hooks.url(""), hooks.caBundle()));

        assertThatThrownBy(() -> create(PODS, "ns", pod("bad", "unwanted")))
                .hasMessage(
                        "admission webhook \"pods.example.com\" denied the request: the pod has an unwanted container")
                .satisfies(e -> assertThat(((ApiException) e).code()).isEqualTo(400));
        assertThat(client.get(PODS, "ns", "bad")).isEmpty();
        create(PODS, "ns", pod("good", "c"));
        ObjectNode hasty = client.get(VALIDATING, "", "judges").orElseThrow().deepCopy();
        ((ObjectNode) hasty.at("/webhooks/0")).put("timeoutSeconds", 1);
        client.update(VALIDATING, "", "", hasty);
        assertThatThrownBy(() -> create(PODS, "ns", pod("hanging", "wait")))
                .hasMessageContaining("failed calling webhook \"pods.example.com\"")
                .hasMessageContaining("context deadline exceeded");
        assertThat(client.get(PODS, "ns", "hanging")).isEmpty();

        String unwanted = "admission webhook \"maps.example.com\" denied the request: the map has an unwanted value";
        assertThatThrownBy(() -> create(CONFIG_MAPS, "ns", "{metadata: {name: bad}, data: {key: unwanted}}"))
                .hasMessage(unwanted);
        JsonNode request = hooks.asked.stream()
                .filter(asked -> asked.at("/object/kind").asText().equals("ConfigMap"))
                .findFirst()
                .orElseThrow();
        assertThat(request.path("operation").asText()).isEqualTo("CREATE");
        assertThat(request.at("/object/metadata/name").asText()).isEqualTo("bad");
        assertThat(request.path("namespace").asText()).isEqualTo("ns");

        ObjectNode good = create(CONFIG_MAPS, "ns", "{metadata: {name: good}, data: {key: fine}}");
        ObjectNode spoilt = good.deepCopy();
        spoilt.withObjectProperty("data").put("key", "unwanted");
        assertThatThrownBy(() -> client.update(CONFIG_MAPS, "ns", "", spoilt)).hasMessage(unwanted);
        assertThatThrownBy(() -> client.mergePatch(
                        CONFIG_MAPS, "ns", "good", "", FakeObjectClient.yaml("data: {key: unwanted}")))
                .hasMessage(unwanted);
        assertThat(client.get(CONFIG_MAPS, "ns", "good")
                        .orElseThrow()
                        .at("/data/key")
                        .asText())
                .isEqualTo("fine");

        create(NAMESPACES, "", "metadata: {name: skipped, labels: {skip-webhook: 'yes'}}");
        create(CONFIG_MAPS, "skipped", "{metadata: {name: bad}, data: {key: unwanted}}");
    }

    @Test
    @Conformance(
            value = "[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should mutate configmap"
                    + " [Conformance]",
            weaker = Conformance.NOTHING)
    void mutateOneAfterTheOther() throws Exception {
        String stage = """
                - name: %s.example.com
                  sideEffects: None
                  admissionReviewVersions: [v1]
                  rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}]
                  clientConfig: {url: "%s", caBundle: %s}
                """;
        create(
                MUTATING,
                "",
                "metadata: {name: stages}\nwebhooks:\n"
                        + stage.formatted("one", hooks.url("/add-stage"), hooks.caBundle())
                        + stage.formatted("two", hooks.url("/add-stage"), hooks.caBundle()));

        ObjectNode made = create(CONFIG_MAPS, "ns", "{metadata: {name: a}, data: {stage-0: 'yes'}}");

        assertThat(made.path("data").properties().stream().map(Map.Entry::getKey))
                .containsExactlyInAnyOrder("stage-0", "stage-1", "stage-2");
    }

    @Test
    @Conformance(
            value = "[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should mutate everything except"
                    + " 'skip-me' configmaps [Conformance]",
            weaker = Conformance.NOTHING)
    void matchConditionsLeaveOut() throws Exception {
        server.webhook(
                MUTATING,
                "one.example.com",
                "url: " + hooks.url("/add-stage"),
                "matchConditions: [{name: skip, expression: \"object.metadata.name != 'skip-me'\"}]");

        assertThat(create(CONFIG_MAPS, "ns", "{metadata: {name: skip-me}, data: {a: b}}")
                        .path("data"))
                .hasSize(1);
        assertThat(create(CONFIG_MAPS, "ns", "{metadata: {name: other}, data: {a: b}}")
                        .path("data"))
                .hasSize(2);
    }

    @Test
    @Conformance(
            value = {
                "[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should reject validating webhook"
                        + " configurations with invalid match conditions [Conformance]",
                "[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should reject mutating webhook"
                        + " configurations with invalid match conditions [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void invalidMatchConditionsAreRefused() {
        for (GroupVersionResource kind : List.of(VALIDATING, MUTATING)) {
            assertThatThrownBy(() -> server.webhook(
                            kind,
                            "one.example.com",
                            "url: https://127.0.0.1:1/",
                            "matchConditions: [{name: bad, expression: '... [] bad expression'}]"))
                    .hasMessageContaining("webhooks[0].matchConditions[0].expression: Invalid value:")
                    .hasMessageContaining("compilation failed");
            assertThat(client.get(kind, "", "one.example.com")).isEmpty();
        }
    }

    @Test
    @Conformance(
            value = {
                "[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should be able to create and update"
                        + " validating webhook configurations with match conditions [Conformance]",
                "[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should be able to create and update"
                        + " mutating webhook configurations with match conditions [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void keepsMatchConditions() throws Exception {
        String first = "[{name: one, expression: \"object.metadata.name != 'x'\"}]";
        String second = "[{name: two, expression: \"request.userInfo.username == 'y'\"}]";
        for (GroupVersionResource kind : List.of(VALIDATING, MUTATING)) {
            server.webhook(kind, "one.example.com", "url: https://127.0.0.1:1/", "matchConditions: " + first);
            ObjectNode made = client.get(kind, "", "one.example.com").orElseThrow();
            assertThat(made.at("/webhooks/0/matchConditions"))
                    .isEqualTo(FakeObjectClient.yaml("all: " + first).path("all"));

            ((ObjectNode) made.at("/webhooks/0"))
                    .set(
                            "matchConditions",
                            FakeObjectClient.yaml("all: " + second).path("all"));
            client.update(kind, "", "", made);
            assertThat(client.get(kind, "", "one.example.com").orElseThrow().at("/webhooks/0/matchConditions"))
                    .isEqualTo(FakeObjectClient.yaml("all: " + second).path("all"));
        }
    }

    @Test
    @Conformance(
            value = "[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should honor timeout [Conformance]",
            weaker = Conformance.NOTHING)
    void timesOut() throws Exception {
        String slow = "url: " + hooks.url("/slow");
        server.webhook(VALIDATING, "slow.example.com", slow, "timeoutSeconds: 1");
        assertThatThrownBy(() -> create(CONFIG_MAPS, "ns", "metadata: {name: a}"))
                .hasMessage("Internal error occurred: failed calling webhook \"slow.example.com\": failed to call"
                        + " webhook: Post \"" + hooks.url("/slow") + "?timeout=1s\": context deadline exceeded");
        assertThat(client.get(CONFIG_MAPS, "ns", "a")).isEmpty();

        replaceWebhook(slow, "{timeoutSeconds: 1, failurePolicy: Ignore}");
        create(CONFIG_MAPS, "ns", "metadata: {name: ignored}");

        replaceWebhook(slow, "timeoutSeconds: 30");
        create(CONFIG_MAPS, "ns", "metadata: {name: patient}");

        replaceWebhook(slow, "{}");
        assertThat(client.get(VALIDATING, "", "slow.example.com")
                        .orElseThrow()
                        .at("/webhooks/0/timeoutSeconds")
                        .asInt())
                .isEqualTo(10);
        create(CONFIG_MAPS, "ns", "metadata: {name: by-default}");
        assertThat(hooks.asked)
                .as("a second may pass before a busy machine has connected")
                .extracting(request -> request.path("name").asText())
                .contains("patient", "by-default");
    }

    private void replaceWebhook(String target, String more) throws Exception {
        client.delete(VALIDATING, "", "slow.example.com", Json.object());
        ObjectNode extra = FakeObjectClient.yaml(more);
        server.webhook(
                VALIDATING,
                "slow.example.com",
                target,
                extra.properties().stream()
                        .map(field -> field.getKey() + ": " + field.getValue())
                        .collect(java.util.stream.Collectors.joining("\n  ")));
    }

    @Test
    @Conformance(
            value = "[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should unconditionally reject"
                    + " operations on fail closed webhook [Conformance]",
            weaker = Conformance.NOTHING)
    void failsClosedUnlessIgnored() throws Exception {
        server.webhook(VALIDATING, "gone.example.com", "url: 'https://127.0.0.1:1/'", "");
        assertThatThrownBy(() -> create(CONFIG_MAPS, "ns", "metadata: {name: a}"))
                .hasMessageContaining("failed calling webhook \"gone.example.com\"")
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.reason()).isEqualTo("InternalError"));

        client.delete(VALIDATING, "", "gone.example.com", Json.object());
        server.webhook(VALIDATING, "gone.example.com", "url: 'https://127.0.0.1:1/'", "failurePolicy: Ignore");
        create(CONFIG_MAPS, "ns", "metadata: {name: a}");
    }

    @Test
    @Conformance(
            value = "[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should not be able to mutate or"
                    + " prevent deletion of webhook configuration objects [Conformance]",
            weaker = Conformance.NOTHING)
    void declarationsAreExempt() throws Exception {
        String everything = """
                metadata: {name: all.example.com}
                webhooks:
                - name: all.example.com
                  sideEffects: None
                  admissionReviewVersions: [v1]
                  rules: [{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*/*']}]
                  clientConfig: {url: "%s", caBundle: %s}
                """;
        create(MUTATING, "", everything.formatted(hooks.url("/add-label"), hooks.caBundle()));
        assertThat(create(CONFIG_MAPS, "ns", "metadata: {name: labelled}")
                        .at("/metadata/labels/hook")
                        .asText())
                .as("it is in force")
                .isEqualTo("was-here");
        create(VALIDATING, "", everything.formatted(hooks.url("/deny"), hooks.caBundle()));
        assertThatThrownBy(() -> create(CONFIG_MAPS, "ns", "metadata: {name: a}"))
                .hasMessageContaining("denied");
        hooks.asked.clear();

        for (GroupVersionResource kind : List.of(VALIDATING, MUTATING)) {
            ObjectNode dummy = create(kind, "", "metadata: {name: dummy, labels: {mine: 'yes'}}");
            assertThat(dummy.at("/metadata/labels")).isEqualTo(FakeObjectClient.yaml("mine: 'yes'"));
            client.delete(kind, "", "dummy", Json.object());
            assertThat(client.get(kind, "", "dummy")).isEmpty();
            client.delete(kind, "", "all.example.com", Json.object());
        }
        assertThat(hooks.asked).isEmpty();
        create(CONFIG_MAPS, "ns", "metadata: {name: a}");
    }

    @Test
    @Conformance(
            value = {
                "[sig-api-machinery] CustomResourceConversionWebhook [Privileged:ClusterAdmin] should be able to convert a"
                        + " non homogeneous list of CRs [Conformance]",
                "[sig-api-machinery] CustomResourceConversionWebhook [Privileged:ClusterAdmin] should be able to convert"
                        + " from CR v1 to CR v2 [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void convertsAListOfBothStoredVersions() throws Exception {
        ObjectNode definition = create(DEFINITIONS, "", """
                metadata: {name: hosts.example.com}
                spec:
                  group: example.com
                  scope: Namespaced
                  names: {plural: hosts, kind: Host}
                  conversion:
                    strategy: Webhook
                    webhook: {conversionReviewVersions: [v1], clientConfig: {url: "%s", caBundle: %s}}
                  versions:
                  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties:
                      {hostPort: {type: string}}}}}
                  - {name: v2, served: true, storage: false, schema: {openAPIV3Schema: {type: object, properties:
                      {host: {type: string}, port: {type: string}}}}}
                """.formatted(hooks.url("/convert"), hooks.caBundle()));
        var v1 = new GroupVersionResource("example.com", "v1", "hosts");
        var v2 = new GroupVersionResource("example.com", "v2", "hosts");
        create(v1, "ns", "{metadata: {name: a}, hostPort: 'one:1'}");
        ObjectNode converted = client.get(v2, "ns", "a").orElseThrow();
        assertThat(v2(converted)).isEqualTo("example.com/v2 one 1");
        assertThat(converted.has("hostPort")).isFalse();

        ObjectNode changed = client.get(DEFINITIONS, "", "hosts.example.com").orElse(definition);
        ((ObjectNode) changed.at("/spec/versions/0")).put("storage", false);
        ((ObjectNode) changed.at("/spec/versions/1")).put("storage", true);
        client.update(DEFINITIONS, "", "", changed);
        create(v1, "ns", "{metadata: {name: b}, hostPort: 'two:2'}");

        hooks.asked.clear();
        assertThat(client.list(v2, "ns", ObjectClient.Query.ALL).items())
                .noneMatch(o -> o.has("hostPort"))
                .extracting(WebhookConformanceTest::v2)
                .containsExactly("example.com/v2 one 1", "example.com/v2 two 2");
        assertThat(hooks.asked).as("once, for the one that is stored as v1").hasSize(1);
        assertThat(hooks.asked.getFirst().path("objects")).hasSize(1);
        hooks.asked.clear();
        assertThat(client.list(v1, "ns", ObjectClient.Query.ALL).items())
                .noneMatch(o -> o.has("host") || o.has("port"))
                .extracting(o ->
                        o.path("apiVersion").asText() + " " + o.path("hostPort").asText())
                .containsExactly("example.com/v1 one:1", "example.com/v1 two:2");
        assertThat(hooks.asked).as("once, for the one that is stored as v2").hasSize(1);
        assertThat(hooks.asked.getFirst().at("/objects/0/metadata/name").asText())
                .isEqualTo("b");
    }

    private static String v2(JsonNode host) {
        return host.path("apiVersion").asText() + " " + host.path("host").asText() + " "
                + host.path("port").asText();
    }

    private ObjectNode create(GroupVersionResource resource, String namespace, String yaml) {
        return client.create(resource, namespace, FakeObjectClient.yaml(yaml));
    }

    private static String pod(String name, String container) {
        return "{metadata: {name: " + name + "}, spec: {containers: [{name: " + container + ", image: i}]}}";
    }

    /// A container `unwanted` is refused, one named `wait` keeps whoever asks waiting.
    private static ObjectNode judgePod(JsonNode request) {
        String name = PodView.of(request.path("object"))
                .spec()
                .containers()
                .iterator()
                .next()
                .name();
        return switch (name) {
            case "unwanted" -> denied("the pod has an unwanted container");
            case "wait" -> allowedAfter(3000);
            default -> allowed();
        };
    }

    private static ObjectNode judgeConfigMap(JsonNode request) {
        return request.at("/object/data/key").asText().equals("unwanted")
                ? denied("the map has an unwanted value")
                : allowed();
    }

    private static ObjectNode allowedAfter(long millis) {
        try {
            var _ = new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return allowed();
    }

    private static ObjectNode addStage(JsonNode request) {
        int stage = request.at("/object/data").size();
        return patch("[{\"op\":\"add\",\"path\":\"/data/stage-" + stage + "\",\"value\":\"yes\"}]");
    }

    private static ObjectNode patch(String patch) {
        return allowed()
                .put("patchType", "JSONPatch")
                .put("patch", Base64.getEncoder().encodeToString(patch.getBytes(StandardCharsets.UTF_8)));
    }

    /// `hostPort` of v1 is `host` and `port` of v2.
    private static ObjectNode convert(JsonNode request) {
        String wanted = request.path("desiredAPIVersion").asText();
        ObjectNode response = Json.object();
        var converted = response.putArray("convertedObjects");
        for (JsonNode object : request.path("objects")) {
            ObjectNode copy = object.deepCopy();
            if (wanted.endsWith("v2")) {
                String[] parts = object.path("hostPort").asText().split(":", 2);
                copy.put("host", parts[0]).put("port", parts[1]).remove("hostPort");
            } else {
                copy.put(
                        "hostPort",
                        object.path("host").asText() + ":" + object.path("port").asText());
                copy.remove(List.of("host", "port"));
            }
            converted.add(copy.put("apiVersion", wanted));
        }
        response.putObject("result").put("status", "Success");
        return response;
    }
}
