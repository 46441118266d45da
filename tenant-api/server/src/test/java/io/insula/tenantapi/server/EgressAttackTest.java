package io.insula.tenantapi.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.egress.Forbidden;
import io.insula.tenantapi.fake.FakeObjectClient;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.storage.memory.InMemoryStorage;
import io.micronaut.context.ApplicationContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// A tenant's administrator declares whatever makes a whole server dial, as in service, where nothing was opened: the
/// server says so, as a failed call, and dials nobody.
final class EgressAttackTest {

    private static final GroupVersionResource SERVICES = FakeObjectClient.core("services");
    private static final GroupVersionResource CONFIG_MAPS = FakeObjectClient.core("configmaps");
    private static final GroupVersionResource SLICES =
            new GroupVersionResource("discovery.k8s.io", "v1", "endpointslices");
    private static final GroupVersionResource API_SERVICES =
            new GroupVersionResource("apiregistration.k8s.io", "v1", "apiservices");
    private static final GroupVersionResource DEFINITIONS =
            new GroupVersionResource("apiextensions.k8s.io", "v1", "customresourcedefinitions");

    private static final AtomicInteger CALLS = new AtomicInteger();
    private static ApplicationContext beans;
    private static ServerSocket victim;

    private TenantApiServer server;
    private ObjectClient client;

    @BeforeAll
    static void listen() throws IOException {
        beans = ApplicationContext.run();
        // on all addresses of this machine
        victim = new ServerSocket(0, 50, InetAddress.ofLiteral("0.0.0.0"));
        Thread.ofVirtual().name("victim").start(EgressAttackTest::count);
    }

    @AfterAll
    static void stopListening() throws IOException {
        victim.close();
        beans.close();
    }

    @BeforeEach
    void start() throws Exception {
        server = new TenantApiServer(
                beans.getBean(ServerComponents.class),
                ServerConfig.builder(new InMemoryStorage(), LocalServer.keys()).build());
        server.start();
        client = server.client();
    }

    @AfterEach
    void stop() {
        server.close();
        assertThat(CALLS).as("connections to this machine").hasValue(0);
    }

    enum Webhook {
        VALIDATING,
        MUTATING;

        GroupVersionResource resource() {
            return new GroupVersionResource(
                    "admissionregistration.k8s.io",
                    "v1",
                    name().toLowerCase(java.util.Locale.ROOT) + "webhookconfigurations");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aWebhookIsAFailedCall(Webhook kind) {
        declare(kind, "Fail", "{url: 'https://127.0.0.1:%d/'}".formatted(victim.getLocalPort()));

        assertThatThrownBy(() -> create(CONFIG_MAPS, "default", "metadata: {name: m}"))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("failed calling webhook \"hook.example.com\"")
                .hasMessageContaining("127.0.0.1 " + Forbidden.REFUSAL);
    }

    @ParameterizedTest
    @EnumSource
    void aWebhookThatMayFailIsPassedOver(Webhook kind) {
        declare(kind, "Ignore", "{url: 'https://localhost:%d/'}".formatted(victim.getLocalPort()));

        create(CONFIG_MAPS, "default", "metadata: {name: m}");
    }

    static Stream<String> endpoints() {
        return Stream.concat(
                // what endpoints may name at all: the rest is refused when they are written
                Stream.of("10.0.0.1", "10.96.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "198.18.0.5"),
                Forbidden.ofThisMachine().stream().filter(address -> !address.startsWith("169.254.")));
    }

    @ParameterizedTest
    @MethodSource("endpoints")
    void aServiceLeadsNowhereNear(String address) {
        service(address);
        declare(Webhook.VALIDATING, "Fail", "{service: {namespace: default, name: trick}}");

        assertThatThrownBy(() -> create(CONFIG_MAPS, "default", "metadata: {name: m}"))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining(Forbidden.REFUSAL);
    }

    @ParameterizedTest
    @MethodSource("endpoints")
    void anAggregatedServerIsNotAvailableThere(String address) {
        service(address);
        create(API_SERVICES, "", """
                metadata: {name: v1.trick.example.com}
                spec: {group: trick.example.com, version: v1, groupPriorityMinimum: 100, versionPriority: 10,
                       insecureSkipTLSVerify: true, service: {namespace: default, name: trick}}
                """);

        ServiceFixture.await(
                "the server's word",
                () -> availability("v1.trick.example.com")
                        .path("status")
                        .asText()
                        .equals("False"));
        assertThat(availability("v1.trick.example.com").path("message").asText())
                .contains(Forbidden.REFUSAL);
    }

    @Test
    void aConversionIsAFailedCall() {
        create(DEFINITIONS, "", """
                metadata: {name: shoes.example.com}
                spec:
                  group: example.com
                  scope: Namespaced
                  names: {plural: shoes, singular: shoe, kind: Shoe, listKind: ShoeList}
                  conversion:
                    strategy: Webhook
                    webhook:
                      conversionReviewVersions: [v1]
                      clientConfig: {url: 'https://127.0.0.1:%d/'}
                  versions:
                  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
                  - {name: v2, served: true, storage: false, schema: {openAPIV3Schema: {type: object}}}
                """.formatted(victim.getLocalPort()));
        create(
                new GroupVersionResource("example.com", "v1", "shoes"),
                "default",
                "{apiVersion: example.com/v1, kind: Shoe, metadata: {name: left}}");

        assertThatThrownBy(() -> client.get(new GroupVersionResource("example.com", "v2", "shoes"), "default", "left"))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("conversion webhook for example.com/v1, Kind=Shoe failed")
                .hasMessageContaining("127.0.0.1 " + Forbidden.REFUSAL);
    }

    private JsonNode availability(String name) {
        return client.get(API_SERVICES, "", name)
                .map(object -> object.path("status").path("conditions").path(0))
                .orElseGet(Json::object);
    }

    private void declare(Webhook kind, String policy, String config) {
        create(kind.resource(), "", """
                metadata: {name: hooks}
                webhooks:
                - name: hook.example.com
                  failurePolicy: %s
                  sideEffects: None
                  admissionReviewVersions: [v1]
                  clientConfig: %s
                  rules: [{apiGroups: [''], apiVersions: [v1], operations: ['*'], resources: [configmaps]}]
                """.formatted(policy, config));
    }

    private void service(String address) {
        create(SERVICES, "default", "{metadata: {name: trick}, spec: {ports: [{port: 443}]}}");
        create(SLICES, "default", """
                metadata: {name: trick, labels: {kubernetes.io/service-name: trick}}
                addressType: IPv4
                endpoints: [{addresses: ['%s'], conditions: {ready: true}}]
                ports: [{name: '', port: %d}]
                """.formatted(address, victim.getLocalPort()));
    }

    private void create(GroupVersionResource resource, String namespace, String yaml) {
        client.create(resource, namespace, FakeObjectClient.yaml(yaml));
    }

    private static void count() {
        while (!victim.isClosed()) {
            try {
                victim.accept().close();
                CALLS.incrementAndGet();
            } catch (IOException e) {
                // closed: the test is over
                return;
            }
        }
    }
}
