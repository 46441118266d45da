package io.insula.tenantapi.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.micronaut.context.ApplicationContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// A tenant's administrator tries to have the server's process call what only its machine can reach. Everything is as
/// in service: Services lead where [io.insula.tenantapi.webhook.ServiceResolver#byEndpoints] says.
final class AggregationAttackTest {

    private static final String API_SERVICES = "/apis/apiregistration.k8s.io/v1/apiservices";
    private static final String SERVICES = "/api/v1/namespaces/default/services";
    private static final String SLICES = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";

    private static final AtomicInteger CALLS = new AtomicInteger();
    private static ApplicationContext beans;
    private static ServerSocket victim;
    private static ServiceFixture tenant;

    @BeforeAll
    static void start() throws IOException {
        beans = ApplicationContext.run();
        victim = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().name("victim").start(AggregationAttackTest::count);
        tenant = new ServiceFixture(beans.getBean(ServerComponents.class), ServiceConfig.usual());
    }

    @AfterAll
    static void stop() throws IOException {
        tenant.close();
        victim.close();
        beans.close();
    }

    @Test
    void noServiceTakesAnAddressThatIsNotTheTenants() {
        for (String address : List.of("127.0.0.1", "169.254.169.254", "10.250.0.1", "::1", "0.0.0.0")) {
            assertThat(send("POST", SERVICES, service("s", "\"clusterIP\": \"" + address + "\","))
                            .statusCode())
                    .as(address)
                    .isEqualTo(422);
        }
    }

    @Test
    void noServiceOfTheTenantsLeadsToTheMachine() {
        post(SERVICES, service("external", "\"type\": \"ExternalName\", \"externalName\": \"localhost\","));
        post(SERVICES, service("headless", "\"clusterIP\": \"None\","));
        post(SERVICES, service("changed", "\"externalIPs\": [\"127.0.0.1\"],"));
        post(SERVICES, service("late", "\"type\": \"ExternalName\", \"externalName\": \"127.0.0.1\","));
        for (String change : List.of(
                "{\"spec\": {\"clusterIP\": \"127.0.0.1\", \"clusterIPs\": [\"127.0.0.1\"]}}",
                "{\"spec\": {\"type\": \"ClusterIP\", \"externalName\": null, \"clusterIP\": \"127.0.0.1\","
                        + " \"clusterIPs\": [\"127.0.0.1\"]}}")) {
            for (String name : List.of("changed", "late", "headless")) {
                for (String subresource : List.of("", "/status")) {
                    tenant.send(tenant.admin(), "PATCH", SERVICES + "/" + name + subresource, change);
                    assertThat(send("GET", SERVICES + "/" + name, "").body())
                            .doesNotContain("\"clusterIP\":\"127.0.0.1\"");
                }
            }
        }
        tenant.send(
                tenant.admin(),
                "PATCH",
                SERVICES + "/changed/status",
                "{\"status\": {\"loadBalancer\": {\"ingress\": [{\"ip\": \"127.0.0.1\"}]}}}");

        for (String name : List.of("external", "headless", "changed", "late")) {
            slice(name);
            String group = name + ".example.com";
            post(API_SERVICES, apiService(group, name));
            ServiceFixture.await(
                    "a look at " + name,
                    () -> send("GET", API_SERVICES + "/v1." + group, "").body().contains("\"type\":\"Available\""));
            HttpResponse<String> answer = send("GET", "/apis/" + group + "/v1/things", "");
            assertThat(answer.statusCode()).as(name).isEqualTo(503);
            assertThat(send("GET", API_SERVICES + "/v1." + group, "").body())
                    .contains("\"status\":\"False\"")
                    .doesNotContain("Passed");
        }
        assertThat(CALLS).hasValue(0);
    }

    @Test
    void noEndpointSliceNamesTheMachine() {
        for (String address : List.of("127.0.0.1", "169.254.169.254", "0.0.0.0", "224.0.0.1")) {
            assertThat(send("POST", SLICES, slice("x", address)).statusCode())
                    .as(address)
                    .isEqualTo(422);
        }
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

    /// Ready endpoints, so that nothing but the address stands between.
    private static void slice(String name) {
        post(SLICES, slice(name, "10.0.0.1"));
    }

    private static String slice(String name, String address) {
        return """
                {"metadata": {"name": "%s", "labels": {"kubernetes.io/service-name": "%s"}}, "addressType": "IPv4",
                 "endpoints": [{"addresses": ["%s"]}], "ports": [{"name": "https", "port": %d}]}
                """.formatted(name, name, address, victim.getLocalPort());
    }

    private static String service(String name, String more) {
        return """
                {"metadata": {"name": "%s"}, "spec": {%s "ports": [{"name": "https", "port": %d}]}}
                """.formatted(name, more, victim.getLocalPort());
    }

    private static String apiService(String group, String service) {
        return """
                {"metadata": {"name": "v1.%s"},
                 "spec": {"group": "%s", "version": "v1", "groupPriorityMinimum": 2000, "versionPriority": 10,
                          "insecureSkipTLSVerify": true,
                          "service": {"namespace": "default", "name": "%s", "port": %d}}}
                """.formatted(group, group, service, victim.getLocalPort());
    }

    private static void post(String path, String body) {
        HttpResponse<String> answer = send("POST", path, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    }

    private static HttpResponse<String> send(String method, String path, String body) {
        return tenant.send(tenant.admin(), method, path, body);
    }
}
