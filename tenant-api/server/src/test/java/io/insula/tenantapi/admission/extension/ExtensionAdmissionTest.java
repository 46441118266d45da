package io.insula.tenantapi.admission.extension;

import static io.insula.tenantapi.admission.extension.HookedServer.CONFIG_MAPS;
import static io.insula.tenantapi.admission.extension.HookedServer.DEFINITIONS;
import static io.insula.tenantapi.admission.extension.HookedServer.VALIDATING;
import static io.insula.tenantapi.admission.extension.HookedServer.admission;
import static io.insula.tenantapi.admission.extension.HookedServer.core;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.conformance.Conformance;
import io.insula.tenantapi.fake.FakeObjectClient;
import io.insula.tenantapi.ports.ObjectClient;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Policies and definitions on a whole server, and a webhook that really listens.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ExtensionAdmissionTest {

    private static final GroupVersionResource DEPLOYMENTS = new GroupVersionResource("apps", "v1", "deployments");
    private static final GroupVersionResource POLICIES = admission("validatingadmissionpolicies");
    private static final GroupVersionResource BINDINGS = admission("validatingadmissionpolicybindings");

    private HookedServer server;
    private ObjectClient client;

    @BeforeAll
    void listen() throws Exception {
        server = new HookedServer();
        server.hooks.on("/allow", _ -> HookedServer.allowed());
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
    @Conformance(
            value = "[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should validate against a"
                    + " Deployment [Conformance]",
            weaker = Conformance.NOTHING)
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
    @Conformance(
            value =
                    "[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should allow expressions to"
                            + " refer variables. [Conformance]",
            weaker = Conformance.NOTHING)
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
    void webhookMustShowACertificateOfItsService() throws Exception {
        server.webhook(VALIDATING, "svc.example.com", "service: {namespace: ns, name: hook, path: /allow}", "");

        assertThatThrownBy(() -> create(CONFIG_MAPS, "ns", "metadata: {name: a}"))
                .hasMessageContaining("Post \"https://hook.ns.svc:443/allow?timeout=10s\"")
                .hasMessageContaining("x509: certificate is not valid for hook.ns.svc");
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

    private static String deployment(int replicas) {
        return """
                metadata: {name: d}
                spec:
                  replicas: %d
                  selector: {matchLabels: {app: d}}
                  template: {metadata: {labels: {app: d}}, spec: {containers: [{name: c, image: i}]}}
                """.formatted(replicas);
    }
}
