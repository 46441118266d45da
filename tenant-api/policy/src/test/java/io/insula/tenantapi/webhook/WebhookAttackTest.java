package io.insula.tenantapi.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.network.AddressBlock;
import io.insula.tenantapi.admission.extension.HookServer;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.egress.Egress;
import io.insula.tenantapi.egress.EgressPolicy;
import io.insula.tenantapi.egress.Forbidden;
import io.insula.tenantapi.fake.FakeObjectClient;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A tenant names a webhook, by a `url` or a Service, that leads to the machine which the API server runs on, to its
/// network or to other tenants. Its own API says of its Services, endpoints and pods whatever it wants.
final class WebhookAttackTest {

    private static final GroupVersionResource SLICES =
            new GroupVersionResource("discovery.k8s.io", "v1", "endpointslices");

    private static HookServer victim;

    @BeforeAll
    static void listen() throws Exception {
        victim = new HookServer();
        victim.on("/", _ -> Json.object().put("allowed", true));
    }

    @AfterAll
    static void close() {
        victim.close();
    }

    @ParameterizedTest
    @MethodSource("io.insula.tenantapi.egress.Forbidden#hosts")
    void reachesNothingNearByAUrl(String host) throws Exception {
        var config = Json.object().put("url", "https://" + host + ":" + victim.port() + "/");

        assertThatThrownBy(() -> call(config, new FakeObjectClient(), EgressPolicy.CLOSED))
                .isInstanceOf(WebhookFailure.class)
                .hasMessageStartingWith("Post \"https://" + host)
                .hasMessageContaining(Forbidden.REFUSAL);

        assertThat(victim.asked).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("io.insula.tenantapi.egress.Forbidden#addresses")
    void reachesNothingNearThroughEndpointsOfAService(String address) {
        FakeObjectClient store = service(address, "");

        assertThatThrownBy(() -> call(toService(), store, EgressPolicy.CLOSED))
                .isInstanceOf(WebhookFailure.class)
                .hasMessageStartingWith("Post \"https://hooks.default.svc:443/?timeout=")
                .hasMessageContaining(Forbidden.REFUSAL);

        assertThat(victim.asked).isEmpty();
    }

    /// Nobody but its own API says that such a pod runs.
    @ParameterizedTest
    @MethodSource("io.insula.tenantapi.egress.Forbidden#addresses")
    void reachesNothingNearThroughAPodThatClaimsTheAddress(String address) {
        FakeObjectClient store = service(address, "targetRef: {kind: Pod, namespace: default, name: trick, uid: u-1}")
                .with(FakeObjectClient.core("pods"), """
                        metadata: {namespace: default, name: trick, uid: u-1}
                        status: {phase: Running, podIP: '%s', podIPs: [{ip: '%s'}]}
                        """.formatted(address, address));

        assertThatThrownBy(() -> call(toService(), store, EgressPolicy.CLOSED))
                .isInstanceOf(WebhookFailure.class)
                .hasMessageContaining(Forbidden.REFUSAL);

        assertThat(victim.asked).isEmpty();
    }

    @Test
    void leadsNowhereByAClusterIpOrAnExternalName() {
        for (String spec : List.of(
                "{clusterIP: 127.0.0.1, ports: [{port: 443}]}",
                "{clusterIP: None, ports: [{port: 443}]}",
                "{type: ExternalName, externalName: localhost, ports: [{port: 443}]}")) {
            var store = new FakeObjectClient().with(FakeObjectClient.core("services"), """
                    {metadata: {namespace: default, name: hooks}, spec: %s}
                    """.formatted(spec));

            assertThatThrownBy(() -> call(toService(), store, EgressPolicy.CLOSED))
                    .isInstanceOf(WebhookFailure.class)
                    .hasMessageMatching("no endpoints available for service \"hooks\""
                            + "|unsupported service type \"ExternalName\"");
        }
    }

    @Test
    void wouldBeAnsweredThereIfItCouldReachIt() throws Exception {
        var open = EgressPolicy.CLOSED.opening(List.of(AddressBlock.of("127.0.0.0/8")));
        var byUrl = Json.object().put("url", victim.url("/"));

        assertThat(call(byUrl, new FakeObjectClient(), open)
                        .at("/response/allowed")
                        .asBoolean())
                .isTrue();
        assertThatThrownBy(() -> call(toService(), service("127.0.0.1", ""), open))
                .hasMessageContaining("x509: certificate is not valid for hooks.default.svc");
        victim.asked.clear();
    }

    private static ObjectNode toService() {
        ObjectNode config = Json.object();
        config.putObject("service").put("namespace", "default").put("name", "hooks");
        return config;
    }

    private static FakeObjectClient service(String address, String target) {
        return new FakeObjectClient()
                .with(FakeObjectClient.core("services"), """
                        metadata: {namespace: default, name: hooks}
                        spec: {clusterIP: 10.96.0.10, ports: [{port: 443}]}
                        """)
                .with(SLICES, """
                        metadata: {namespace: default, name: hooks-1, labels: {kubernetes.io/service-name: hooks}}
                        endpoints: [{addresses: ['%s'], conditions: {ready: true}, %s}]
                        ports: [{port: %d}]
                        """.formatted(address, target, victim.port()));
    }

    private static ObjectNode call(ObjectNode config, FakeObjectClient store, EgressPolicy policy) throws Exception {
        try (var egress = new Egress(policy, List.of())) {
            var webhooks = new WebhookClient(egress, ServiceResolver.byEndpoints(() -> store, RunningPods.UNKNOWN));
            ObjectNode review = Json.object().put("kind", "AdmissionReview").put("apiVersion", "admission.k8s.io/v1");
            review.putObject("request").put("uid", "1");
            return webhooks.call(config.deepCopy().put("caBundle", victim.caBundle()), review, Duration.ofSeconds(10));
        }
    }
}
