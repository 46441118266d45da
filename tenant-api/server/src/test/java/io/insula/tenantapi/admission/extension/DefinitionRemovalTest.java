package io.insula.tenantapi.admission.extension;

import static io.insula.tenantapi.admission.extension.HookedServer.DEFINITIONS;
import static io.insula.tenantapi.admission.extension.HookedServer.VALIDATING;
import static io.insula.tenantapi.admission.extension.HookedServer.admission;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.fake.FakeObjectClient;
import io.insula.tenantapi.ports.ObjectClient;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Software is removed with its definitions, webhooks and policies, in any order: a definition that was deleted goes.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DefinitionRemovalTest {

    private static final GroupVersionResource WIDGETS = new GroupVersionResource("example.com", "v1", "widgets");
    private static final String NAME = "widgets.example.com";

    private HookedServer server;
    private ObjectClient client;

    @BeforeAll
    void listen() throws Exception {
        server = new HookedServer();
        server.hooks.on("/deny", _ -> HookedServer.denied("never"));
    }

    @AfterAll
    void stopListening() {
        server.close();
    }

    @BeforeEach
    void start() throws Exception {
        client = server.start();
        create(DEFINITIONS, "", """
                metadata: {name: widgets.example.com}
                spec:
                  group: example.com
                  scope: Namespaced
                  names: {plural: widgets, kind: Widget}
                  versions:
                  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
                """);
        await(() -> client.resources().stream().anyMatch(kind -> kind.resource().equals(WIDGETS)));
    }

    /// As Gateway API's own policy does of definitions that it does not know.
    @Test
    void goesThoughAPolicyRefusesEveryChangeOfIt() {
        create(WIDGETS, "ns", "metadata: {name: w}");
        refuse("apiextensions.k8s.io", "customresourcedefinitions", "UPDATE");
        assertThatThrownBy(() -> client.update(
                        DEFINITIONS, "", "", client.get(DEFINITIONS, "", NAME).orElseThrow()))
                .hasMessageContaining("denied request");

        client.delete(DEFINITIONS, "", NAME, Json.object());

        await(() -> client.get(DEFINITIONS, "", NAME).isEmpty());
    }

    @Test
    void goesWithItsObjectsThoughAPolicyRefusesTheirDeletion() {
        create(WIDGETS, "ns", "metadata: {name: w}");
        refuse("example.com", "widgets", "DELETE");
        assertThatThrownBy(() -> client.delete(WIDGETS, "ns", "w", Json.object()))
                .hasMessageContaining("denied request");

        client.delete(DEFINITIONS, "", NAME, Json.object());

        await(() -> client.get(DEFINITIONS, "", NAME).isEmpty());
    }

    @Test
    void goesWithItsObjectsThoughAWebhookRefusesTheirDeletion() throws Exception {
        create(WIDGETS, "ns", "metadata: {name: w}");
        create(VALIDATING, "", """
                metadata: {name: hook}
                webhooks:
                - name: hook.example.com
                  sideEffects: None
                  admissionReviewVersions: [v1]
                  rules: [{apiGroups: [example.com], apiVersions: ["*"], operations: [DELETE], resources: ["*"]}]
                  clientConfig: {url: "https://127.0.0.1:%d/deny", caBundle: %s}
                """.formatted(server.hooks.port(), server.hooks.caBundle()));
        assertThatThrownBy(() -> client.delete(WIDGETS, "ns", "w", Json.object()))
                .hasMessageContaining("denied the request: never");

        client.delete(DEFINITIONS, "", NAME, Json.object());

        await(() -> client.get(DEFINITIONS, "", NAME).isEmpty());
    }

    @Test
    void waitsForAnObjectThatIsHeld() {
        create(WIDGETS, "ns", "metadata: {name: w, finalizers: [example.com/held]}");

        ObjectNode going = client.delete(DEFINITIONS, "", NAME, Json.object());
        assertThat(going.path("metadata").has("deletionTimestamp")).isTrue();
        assertThat(going.path("metadata").has("deletionGracePeriodSeconds")).isFalse();
        assertThat(going.at("/metadata/generation").asInt()).isEqualTo(1);
        await(() -> client.get(WIDGETS, "ns", "w").orElseThrow().at("/metadata").has("deletionTimestamp"));
        assertThat(client.get(DEFINITIONS, "", NAME)).isPresent();
        client.mergePatch(WIDGETS, "ns", "w", "", FakeObjectClient.yaml("metadata: {finalizers: null}"));

        await(() -> client.get(DEFINITIONS, "", NAME).isEmpty());
    }

    private void refuse(String group, String resource, String operation) {
        create(admission("validatingadmissionpolicies"), "", """
                metadata: {name: refuse}
                spec:
                  matchConstraints: {resourceRules: [{apiGroups: ["%s"], apiVersions: [v1], operations: [%s],
                                     resources: ["%s"]}]}
                  validations: [{expression: "false"}]
                """.formatted(group, operation, resource));
        create(admission("validatingadmissionpolicybindings"), "", """
                metadata: {name: refuse}
                spec: {policyName: refuse, validationActions: [Deny]}
                """);
    }

    private ObjectNode create(GroupVersionResource resource, String namespace, String yaml) {
        return client.create(resource, namespace, FakeObjectClient.yaml(yaml));
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in two minutes").isLessThan(end);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }
}
