package io.insula.tenantapi.admission.extension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.network.AddressBlock;
import io.insula.rules.network.IpAddress;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.conformance.Conformance;
import io.insula.tenantapi.egress.Destination;
import io.insula.tenantapi.egress.EgressPolicy;
import io.insula.tenantapi.fake.FakeObjectClient;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.server.LocalServer;
import io.insula.tenantapi.server.ServerComponents;
import io.insula.tenantapi.server.ServerConfig;
import io.insula.tenantapi.server.TenantApiServer;
import io.insula.tenantapi.storage.memory.InMemoryStorage;
import io.micronaut.context.ApplicationContext;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Policies, webhooks and definitions on a whole server, with webhooks that really listen.
final class ExtensionAdmissionTest {

    private static final GroupVersionResource CONFIG_MAPS = core("configmaps");
    private static final GroupVersionResource NAMESPACES = core("namespaces");
    private static final GroupVersionResource DEPLOYMENTS = new GroupVersionResource("apps", "v1", "deployments");
    private static final GroupVersionResource POLICIES = admission("validatingadmissionpolicies");
    private static final GroupVersionResource BINDINGS = admission("validatingadmissionpolicybindings");
    private static final GroupVersionResource MUTATING = admission("mutatingwebhookconfigurations");
    private static final GroupVersionResource VALIDATING = admission("validatingwebhookconfigurations");
    private static final GroupVersionResource DEFINITIONS =
            new GroupVersionResource("apiextensions.k8s.io", "v1", "customresourcedefinitions");

    private static ApplicationContext beans;
    private static HookServer hooks;
    private TenantApiServer server;
    private ObjectClient client;

    @BeforeAll
    static void listen() throws Exception {
        beans = ApplicationContext.run();
        hooks = new HookServer();
        hooks.on("/deny", request -> denied("the hook says no"));
        hooks.on("/allow", request -> allowed());
        hooks.on("/add-stage", ExtensionAdmissionTest::addStage);
        hooks.on("/convert", ExtensionAdmissionTest::convert);
        // longer than the webhook's timeout
        hooks.on("/slow", request -> allowedAfter(new CountDownLatch(1)));
    }

    @AfterAll
    static void stopListening() {
        hooks.close();
        beans.close();
    }

    @BeforeEach
    void start() throws Exception {
        hooks.asked.clear();
        server = new TenantApiServer(
                beans.getBean(ServerComponents.class),
                ServerConfig.builder(new InMemoryStorage(), LocalServer.keys())
                        .serviceResolver(c -> (namespace, name, port) ->
                                new Destination.At(IpAddress.parse("127.0.0.1").orElseThrow(), hooks.port(), false))
                        .egress(EgressPolicy.CLOSED.opening(List.of(AddressBlock.of("127.0.0.0/8"))))
                        .build());
        server.start();
        client = server.client();
        create(NAMESPACES, "", "metadata: {name: ns, labels: {team: a}}");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void policyIsCheckedAgainstTheTypesItMatches() {
        create(POLICIES, "", """
                metadata: {name: right}
                spec:
                  matchConstraints:
                    resourceRules:
                    - {apiGroups: [apps], apiVersions: [v1], operations: ['*'], resources: [deployments]}
                  variables:
                  - {name: containers, expression: object.spec.template.spec.containers}
                  validations:
                  - expression: object.spec.replicas > 1 && variables.containers.all(c, c.name.size() > 1)
                  - expression: object.metadata.creationTimestamp == oldObject.metadata.creationTimestamp
                """);
        create(POLICIES, "", """
                metadata: {name: wrong}
                spec:
                  matchConstraints:
                    resourceRules:
                    - {apiGroups: [apps], apiVersions: [v1], operations: ['*'], resources: [deployments]}
                  validations:
                  - expression: object.spec.replicas > '1'
                    messageExpression: "'wants more than ' + object.spec.replicas"
                  - expression: object.spec.template.spec.containers.all(c, c.nmae != '')
                """);

        assertThat(typeChecking("right").path("expressionWarnings")).isEmpty();
        JsonNode warnings = typeChecking("wrong").path("expressionWarnings");
        assertThat(warnings)
                .extracting(w -> w.path("fieldRef").asText())
                .containsExactly(
                        "spec.validations[0].expression",
                        "spec.validations[0].messageExpression",
                        "spec.validations[1].expression");
        assertThat(warnings.get(0).path("warning").asText())
                .startsWith("apps/v1, Kind=Deployment: ")
                .contains("found no matching overload for '_>_' applied to '(int, string)'");
        assertThat(warnings.get(1).path("warning").asText())
                .contains("found no matching overload for '_+_' applied to '(string, int)'");
        assertThat(warnings.get(2).path("warning").asText()).contains("undefined field 'nmae'");
    }

    private JsonNode typeChecking(String policy) {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
        while (true) {
            JsonNode status = client.get(POLICIES, "", policy).orElseThrow().path("status");
            if (status.has("typeChecking")) {
                return status.path("typeChecking");
            }
            assertThat(System.nanoTime()).isLessThan(end);
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    @Conformance("[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should validate against a"
            + " Deployment [Conformance]")
    void policyValidatesAgainstADeployment() {
        policy(
                "p",
                "deployments",
                "apps",
                "{expression: 'object.spec.replicas > 1', messageExpression: \"'wants ' +"
                        + " string(object.spec.replicas)\"}, {expression: \"namespaceObject.metadata.name == 'ns'\"}");
        bind("p", "validationActions: [Deny]");

        assertThatThrownBy(() -> create(DEPLOYMENTS, "ns", deployment(1)))
                .isInstanceOf(ApiException.class)
                .hasMessage("deployments.apps \"d\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'p' denied"
                        + " request: wants 1");
        create(DEPLOYMENTS, "ns", deployment(2));
    }

    @Test
    @Conformance("[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should allow expressions to"
            + " refer variables. [Conformance]")
    void policyRefersToVariables() {
        create(POLICIES, "", """
                metadata: {name: v}
                spec:
                  matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE],
                                     resources: [configmaps]}]}
                  variables:
                  - {name: size, expression: "has(object.data) ? object.data.size() : 0"}
                  - {name: broken, expression: "object.nope"}
                  - {name: big, expression: "variables.size > 1"}
                  matchConditions: [{name: not-skipped, expression: "object.metadata.name != 'skipped'"}]
                  validations: [{expression: "!variables.big", reason: Forbidden, message: too big}]
                """);
        bind("v", "validationActions: [Deny]");

        assertThatThrownBy(() -> create(CONFIG_MAPS, "ns", "{metadata: {name: a}, data: {a: '1', b: '2'}}"))
                .hasMessageEndingWith("'v' with binding 'v' denied request: too big")
                .satisfies(e -> assertThat(((ApiException) e).code()).isEqualTo(403));
        create(CONFIG_MAPS, "ns", "{metadata: {name: a}, data: {a: '1'}}");
        create(CONFIG_MAPS, "ns", "{metadata: {name: skipped}, data: {a: '1', b: '2'}}");
    }

    @Test
    void policyTakesParametersAndRefusesWithoutThem() {
        create(POLICIES, "", """
                metadata: {name: q}
                spec:
                  paramKind: {apiVersion: v1, kind: ConfigMap}
                  matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE],
                                     resources: [secrets]}]}
                  validations: [{expression: "object.metadata.name.startsWith(params.data.prefix)"}]
                """);
        bind("q", "{validationActions: [Deny], paramRef: {name: settings, parameterNotFoundAction: Deny}}");
        String secret = "{metadata: {name: x-1}, type: Opaque}";

        assertThatThrownBy(() -> create(core("secrets"), "ns", secret))
                .hasMessageEndingWith("denied request: failed to configure binding: no params found for policy binding"
                        + " with `Deny` parameterNotFoundAction");
        create(CONFIG_MAPS, "ns", "{metadata: {name: settings}, data: {prefix: y-}}");
        assertThatThrownBy(() -> create(core("secrets"), "ns", secret))
                .hasMessageEndingWith(
                        "denied request: failed expression: object.metadata.name.startsWith(params.data.prefix)");
        create(core("secrets"), "ns", "{metadata: {name: y-1}, type: Opaque}");
    }

    @Test
    void policyThatDoesNotCompileIsRefused() {
        assertThatThrownBy(() -> policy("bad", "pods", "", "{expression: 'object.x +'}"))
                .hasMessageContaining(
                        "spec.validations[0].expression: Invalid value: \"object.x +\": compilation failed:"
                                + " ERROR: <input>:1:11: Syntax error");
        assertThatThrownBy(() -> policy("bad", "pods", "", "{expression: '1 + 1'}"))
                .hasMessageContaining("must evaluate to bool");
    }

    @Test
    @Conformance("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should be able to deny pod and"
            + " configmap creation [Conformance]")
    void webhookDenies() throws Exception {
        webhook(VALIDATING, "deny.example.com", "url: " + hooks.url("/deny"), "");

        assertThatThrownBy(() -> create(CONFIG_MAPS, "ns", "metadata: {name: a}"))
                .hasMessage("admission webhook \"deny.example.com\" denied the request: the hook says no")
                .satisfies(e -> assertThat(((ApiException) e).code()).isEqualTo(400));
        JsonNode request = hooks.asked.getLast();
        assertThat(request.path("operation").asText()).isEqualTo("CREATE");
        assertThat(request.at("/object/metadata/name").asText()).isEqualTo("a");
        assertThat(request.path("namespace").asText()).isEqualTo("ns");
    }

    @Test
    @Conformance("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should mutate configmap [Conformance]")
    void webhooksMutateOneAfterTheOther() throws Exception {
        webhook(MUTATING, "one.example.com", "url: " + hooks.url("/add-stage"), "");
        webhook(MUTATING, "two.example.com", "url: " + hooks.url("/add-stage"), "");

        ObjectNode made = create(CONFIG_MAPS, "ns", "{metadata: {name: a}, data: {stage-0: 'yes'}}");

        assertThat(made.path("data").properties().stream().map(e -> e.getKey()))
                .containsExactlyInAnyOrder("stage-0", "stage-1", "stage-2");
    }

    @Test
    @Conformance("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should mutate everything except"
            + " 'skip-me' configmaps [Conformance]")
    void matchConditionsLeaveOut() throws Exception {
        webhook(
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
    @Conformance("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should reject validating webhook"
            + " configurations with invalid match conditions [Conformance]")
    void invalidMatchConditionsAreRefused() {
        assertThatThrownBy(() -> webhook(
                        VALIDATING,
                        "one.example.com",
                        "url: https://127.0.0.1:1/",
                        "matchConditions: [{name: bad, expression: '... [] bad expression'}]"))
                .hasMessageContaining("webhooks[0].matchConditions[0].expression: Invalid value:")
                .hasMessageContaining("compilation failed");
    }

    @Test
    @Conformance("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should honor timeout [Conformance]")
    void webhookTimesOut() throws Exception {
        webhook(VALIDATING, "slow.example.com", "url: " + hooks.url("/slow"), "timeoutSeconds: 1");

        assertThatThrownBy(() -> create(CONFIG_MAPS, "ns", "metadata: {name: a}"))
                .hasMessage("Internal error occurred: failed calling webhook \"slow.example.com\": failed to call"
                        + " webhook: Post \"" + hooks.url("/slow") + "?timeout=1s\": context deadline exceeded");
    }

    @Test
    @Conformance("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should unconditionally reject"
            + " operations on fail closed webhook [Conformance]")
    void unreachableWebhookFailsClosedUnlessIgnored() throws Exception {
        webhook(VALIDATING, "gone.example.com", "url: 'https://127.0.0.1:1/'", "");
        assertThatThrownBy(() -> create(CONFIG_MAPS, "ns", "metadata: {name: a}"))
                .hasMessageContaining("failed calling webhook \"gone.example.com\"");

        client.delete(VALIDATING, "", "gone.example.com", Json.object());
        webhook(VALIDATING, "gone.example.com", "url: 'https://127.0.0.1:1/'", "failurePolicy: Ignore");
        create(CONFIG_MAPS, "ns", "metadata: {name: a}");
    }

    @Test
    void webhookMustShowACertificateOfItsService() throws Exception {
        webhook(VALIDATING, "svc.example.com", "service: {namespace: ns, name: hook, path: /allow}", "");

        assertThatThrownBy(() -> create(CONFIG_MAPS, "ns", "metadata: {name: a}"))
                .hasMessageContaining("Post \"https://hook.ns.svc:443/allow?timeout=10s\"")
                .hasMessageContaining("x509: certificate is not valid for hook.ns.svc");
    }

    @Test
    @Conformance("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should not be able to mutate or"
            + " prevent deletion of webhook configuration objects [Conformance]")
    void declarationsAreExempt() throws Exception {
        create(VALIDATING, "", """
                metadata: {name: all.example.com}
                webhooks:
                - name: all.example.com
                  sideEffects: None
                  admissionReviewVersions: [v1]
                  rules: [{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*/*']}]
                  clientConfig: {url: "%s", caBundle: %s}
                """.formatted(hooks.url("/deny"), hooks.caBundle()));

        assertThatThrownBy(() -> create(CONFIG_MAPS, "ns", "metadata: {name: a}"))
                .hasMessageContaining("denied");
        client.delete(VALIDATING, "", "all.example.com", Json.object());
        create(CONFIG_MAPS, "ns", "metadata: {name: a}");
    }

    @Test
    void rulesOfADefinitionAreChecked() {
        create(DEFINITIONS, "", """
                metadata: {name: widgets.example.com}
                spec:
                  group: example.com
                  scope: Namespaced
                  names: {plural: widgets, kind: Widget}
                  versions:
                  - name: v1
                    served: true
                    storage: true
                    schema:
                      openAPIV3Schema:
                        type: object
                        properties:
                          spec:
                            type: object
                            x-kubernetes-validations: [{rule: self.min <= self.max, message: min above max}]
                            properties: {min: {type: integer}, max: {type: integer}}
                """);
        var widgets = new GroupVersionResource("example.com", "v1", "widgets");

        assertThatThrownBy(() -> create(widgets, "ns", "{metadata: {name: w}, spec: {min: 2, max: 1}}"))
                .hasMessage("Widget.example.com \"w\" is invalid: spec: Invalid value: \"object\": min above max");
        create(widgets, "ns", "{metadata: {name: w}, spec: {min: 1, max: 2}}");
    }

    @Test
    @Conformance("[sig-api-machinery] CustomResourceConversionWebhook [Privileged:ClusterAdmin] should be able to"
            + " convert a non homogeneous list of CRs [Conformance]")
    void webhookConvertsAListAtOnce() throws Exception {
        create(DEFINITIONS, "", """
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
        create(v2, "ns", "{metadata: {name: b}, host: two, port: '2'}");
        hooks.asked.clear();

        var list = client.list(v2, "ns", ObjectClient.Query.ALL).items();

        assertThat(list.stream()
                        .map(o -> o.path("host").asText() + " " + o.path("port").asText()))
                .containsExactly("one 1", "two 2");
        assertThat(hooks.asked).hasSize(1);
        assertThat(client.get(v1, "ns", "b").orElseThrow().path("hostPort").asText())
                .isEqualTo("two:2");
    }

    private ObjectNode create(GroupVersionResource resource, String namespace, String yaml) {
        return client.create(resource, namespace, FakeObjectClient.yaml(yaml));
    }

    private void policy(String name, String resource, String group, String validations) {
        create(POLICIES, "", """
                metadata: {name: %s}
                spec:
                  matchConstraints: {resourceRules: [{apiGroups: ["%s"], apiVersions: [v1], operations: [CREATE],
                                     resources: [%s]}]}
                  validations: [%s]
                """.formatted(name, group, resource, validations));
    }

    private void bind(String policy, String rest) {
        ObjectNode binding = FakeObjectClient.yaml("metadata: {name: %s}".formatted(policy));
        ObjectNode spec = FakeObjectClient.yaml(rest);
        spec.put("policyName", policy);
        binding.set("spec", spec);
        client.create(BINDINGS, "", binding);
    }

    private void webhook(GroupVersionResource kind, String name, String target, String more) throws Exception {
        create(kind, "", """
                metadata: {name: %s}
                webhooks:
                - name: %s
                  sideEffects: None
                  admissionReviewVersions: [v1]
                  namespaceSelector: {matchLabels: {team: a}}
                  rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}]
                  clientConfig: {%s, caBundle: %s}
                  %s
                """.formatted(name, name, target, hooks.caBundle(), more));
    }

    private static String deployment(int replicas) {
        return """
                metadata: {name: d}
                spec:
                  replicas: %d
                  selector: {matchLabels: {app: d}}
                  template: {metadata: {labels: {app: d}}, spec: {containers: [{name: c, image: i}]}}
                """.formatted(replicas);
    }

    private static ObjectNode allowed() {
        return Json.object().put("allowed", true);
    }

    private static ObjectNode allowedAfter(CountDownLatch never) {
        try {
            var _ = never.await(3, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return allowed();
    }

    private static ObjectNode denied(String message) {
        ObjectNode response = Json.object().put("allowed", false);
        response.putObject("status").put("message", message);
        return response;
    }

    private static ObjectNode addStage(JsonNode request) {
        int stage = request.at("/object/data").size();
        String patch = "[{\"op\":\"add\",\"path\":\"/data/stage-" + stage + "\",\"value\":\"yes\"}]";
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

    private static GroupVersionResource core(String resource) {
        return new GroupVersionResource("", "v1", resource);
    }

    private static GroupVersionResource admission(String resource) {
        return new GroupVersionResource("admissionregistration.k8s.io", "v1", resource);
    }
}
