package io.insula.tenantapi.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.rules.network.AddressBlock;
import io.insula.rules.network.IpAddress;
import io.insula.tenantapi.aggregation.ProxyIdentity;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.egress.Destination;
import io.insula.tenantapi.egress.EgressPolicy;
import io.insula.tenantapi.http.TestPki;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.ports.ObjectClient.Query;
import io.insula.tenantapi.storage.memory.InMemoryStorage;
import io.micronaut.context.ApplicationContext;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a server behind keeps, as a controller of the tenant's sees it: the namespace controller, which empties it.
final class AggregatedObjectsTest {

    private static final GroupVersionResource FLUNDERS =
            new GroupVersionResource("wardle.example.com", "v1alpha1", "flunders");
    private static final String DOOMED = AggregatedBackend.PATH + "/namespaces/doomed/flunders";

    private static ApplicationContext beans;
    private static AggregatedBackend backend;
    private static TenantApiServer server;
    private static ObjectClient controller;

    @BeforeAll
    static void start() throws Exception {
        beans = ApplicationContext.run();
        var proxies = new TestPki("CN=tenant-a-front-proxy");
        var services = new TestPki("CN=tenant-a-services");
        backend = new AggregatedBackend(services.server("api.default.svc"), proxies.certificate());
        TestPki.Identity proxy = proxies.client("CN=front-proxy-client");
        server = new TenantApiServer(
                beans.getBean(ServerComponents.class),
                ServerConfig.builder(new InMemoryStorage(), LocalServer.keys())
                        .frontProxy(new ProxyIdentity(List.of(proxy.certificate()), proxy.key()))
                        .serviceResolver(client -> (namespace, name, port) ->
                                new Destination.At(IpAddress.parse("127.0.0.1").orElseThrow(), backend.port(), false))
                        .egress(EgressPolicy.CLOSED.opening(List.of(AddressBlock.of("127.0.0.0/8"))))
                        .build());
        server.start();
        create("", "v1", "services", "default", """
                {"metadata": {"name": "api"}, "spec": {"ports": [{"name": "https", "port": 443}]}}""");
        create("discovery.k8s.io", "v1", "endpointslices", "default", """
                {"metadata": {"name": "api", "labels": {"kubernetes.io/service-name": "api"}}, "addressType": "IPv4",
                 "endpoints": [{"addresses": ["10.0.0.1"]}], "ports": [{"name": "https", "port": 443}]}""");
        create("apiregistration.k8s.io", "v1", "apiservices", "", """
                {"metadata": {"name": "v1alpha1.wardle.example.com"},
                 "spec": {"group": "wardle.example.com", "version": "v1alpha1", "groupPriorityMinimum": 2000,
                          "versionPriority": 10, "service": {"namespace": "default", "name": "api"},
                          "caBundle": "%s"}}""".formatted(bundle(services)));
        controller = server.client().as("namespace-controller");
        ServiceFixture.await(
                "the server behind", () -> !controller.resourcesBehind().isEmpty());
    }

    @AfterAll
    static void stop() {
        server.close();
        backend.close();
        beans.close();
    }

    @BeforeEach
    void empty() {
        backend.objects.clear();
    }

    @Test
    void tellsWhatIsServedBehindApartFromWhatIsServedHere() {
        assertThat(controller.resourcesBehind())
                .containsExactly(new ObjectClient.ResourceInfo(
                        FLUNDERS, "Flunder", true, Set.of("get", "list", "watch", "create", "delete")));
        assertThat(controller.resources()).noneMatch(each -> each.resource().equals(FLUNDERS));
    }

    @Test
    void readsAllPagesAndDeletesAsTheControllerThatAsks() {
        object("a", "doomed");
        object("b", "doomed");
        object("c", "doomed");

        var all = controller.list(FLUNDERS, "doomed", Query.ALL);
        assertThat(all.items()).extracting(Meta::name).containsExactly("a", "b", "c");
        assertThat(all.items()).as("no more than is needed").allMatch(item -> !item.has("spec"));

        controller.delete(FLUNDERS, "doomed", "b", Json.object().put("propagationPolicy", "Background"));

        assertThat(backend.objects.keySet()).containsExactly(DOOMED + "/a", DOOMED + "/c");
        var seen = backend.seen().getLast();
        assertThat(seen.method()).isEqualTo("DELETE");
        assertThat(seen.certificate()).isEqualTo("CN=front-proxy-client");
        assertThat(seen.header("X-remote-user")).containsExactly("system:controller:namespace-controller");
        assertThat(seen.body()).contains("\"kind\":\"DeleteOptions\"", "Background");
        assertThatThrownBy(() -> controller.delete(FLUNDERS, "doomed", "b", Json.object()))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.is("NotFound")).isTrue());
    }

    /// A server behind names objects as it likes; and calls them another namespace's.
    @Test
    void isNotLedElsewhereByNames() {
        int before = backend.seen().size();

        for (String name : List.of("..", ".")) {
            assertThatThrownBy(() -> controller.delete(FLUNDERS, "doomed", name, Json.object()))
                    .isInstanceOfSatisfying(
                            ApiException.class, e -> assertThat(e.code()).isEqualTo(400));
        }
        assertThat(backend.seen()).hasSize(before);

        assertThatThrownBy(
                        () -> controller.delete(FLUNDERS, "doomed", "../../default/flunders/kept?x=#", Json.object()))
                .isInstanceOf(ApiException.class);
        assertThat(backend.seen().getLast().path())
                .isEqualTo(DOOMED + "/..%2F..%2Fdefault%2Fflunders%2Fkept%3Fx%3D%23");
    }

    /// Nor may it be asked for what this server serves itself, nor for what nobody serves.
    @Test
    void asksNobodyForWhatNobodyServes() {
        assertThatThrownBy(() -> controller.list(
                        new GroupVersionResource("nobody.example.com", "v1", "things"), "doomed", Query.ALL))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.is("NotFound")).isTrue());
    }

    private static void object(String name, String namespace) {
        backend.objects.put(
                AggregatedBackend.PATH + "/namespaces/" + namespace + "/flunders/" + name,
                "{\"metadata\":{\"name\":\"" + name + "\",\"namespace\":\"" + namespace + "\"},\"spec\":{\"x\":1}}");
    }

    private static void create(String group, String version, String resource, String namespace, String body) {
        server.client()
                .create(
                        new GroupVersionResource(group, version, resource),
                        namespace,
                        Json.parse(body.getBytes(StandardCharsets.UTF_8)));
    }

    private static String bundle(TestPki authority) throws Exception {
        String pem = "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder().encodeToString(authority.certificate().getEncoded())
                + "\n-----END CERTIFICATE-----\n";
        return Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.UTF_8));
    }
}
