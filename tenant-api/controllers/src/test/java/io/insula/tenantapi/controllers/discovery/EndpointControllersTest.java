package io.insula.tenantapi.controllers.discovery;

import static io.insula.tenantapi.controllers.ManagerFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.FakeApi;
import io.insula.tenantapi.controllers.ManagerFixture;
import io.insula.tenantapi.controllers.Resources;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class EndpointControllersTest {

    private final ManagerFixture fixture =
            new ManagerFixture(new EndpointsController.Factory(), new EndpointSliceController.Factory());

    @AfterEach
    void stop() {
        fixture.close();
    }

    @Test
    void namesReadyAndUnreadyPodsWithTheirOwnPorts() {
        service("{app: web}");
        pod("a", "10.0.0.1", true, "web");
        pod("b", "10.0.0.2", false, "web");
        pod("c", "10.0.0.3", true, "other");
        await(
                "the addresses",
                () -> subset().path("addresses").size() == 1
                        && subset().path("notReadyAddresses").size() == 1);
        assertThat(subset().at("/addresses/0/ip").asText()).isEqualTo("10.0.0.1");
        assertThat(subset().at("/addresses/0/targetRef/name").asText()).isEqualTo("a");
        assertThat(subset().at("/ports/0/port").asInt()).isEqualTo(8080);
        await(
                "two endpoints",
                () -> slices().size() == 1
                        && slices().getFirst().path("endpoints").size() == 2);
        ObjectNode slice = slices().getFirst();
        assertThat(Meta.labels(slice)).containsEntry("kubernetes.io/service-name", "web");
        assertThat(slice.at("/endpoints/0/conditions/ready").asBoolean()).isTrue();
        assertThat(slice.at("/endpoints/1/conditions/ready").asBoolean()).isFalse();
        assertThat(slice.at("/ports/0/port").asInt()).isEqualTo(8080);
    }

    @Test
    void followsReadinessAndDeletion() {
        service("{app: web}");
        pod("a", "10.0.0.1", false, "web");
        await("unready", () -> subset().path("notReadyAddresses").size() == 1);
        fixture.api.mergePatch(
                Resources.PODS,
                "default",
                "a",
                "status",
                ManagerFixture.parse("{status: {conditions: [{type: Ready, status: 'True'}]}}"));
        await("ready", () -> subset().path("addresses").size() == 1);
        fixture.api.delete(Resources.PODS, "default", "a", FakeApi.options().put("gracePeriodSeconds", 0));
        await(
                "empty",
                () -> fixture.get(Resources.ENDPOINTS, "default", "web")
                                .path("subsets")
                                .isEmpty()
                        && slices().size() == 1
                        && slices().getFirst().path("endpoints").isEmpty());
        fixture.api.delete(Resources.SERVICES, "default", "web", FakeApi.options());
        await("no endpoints", () -> !fixture.has(Resources.ENDPOINTS, "default", "web"));
    }

    @Test
    void splitsMoreThanAHundred() {
        for (int i = 0; i < 110; i++) {
            pod("p" + i, "10.0.1." + i, true, "web");
        }
        service("{app: web}");
        await(
                "all",
                () -> slices().stream()
                                .mapToInt(s -> s.path("endpoints").size())
                                .sum()
                        == 110);
        assertThat(slices()).hasSize(2).allMatch(s -> s.path("endpoints").size() <= 100);
    }

    private void service(String selector) {
        fixture.create(
                Resources.SERVICES,
                "default",
                "{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {selector: " + selector
                        + ", ports: [{name: http, port: 80, targetPort: serve, protocol: TCP}]}}");
    }

    private void pod(String name, String ip, boolean ready, String app) {
        fixture.create(
                Resources.PODS,
                "default",
                "{apiVersion: v1, kind: Pod, metadata: {name: " + name + ", labels: {app: " + app
                        + "}}, spec: {nodeName: n, containers: [{name: c, ports: [{name: serve, containerPort: 8080}]}]},"
                        + " status: {phase: Running, podIP: " + ip + ", conditions: [{type: Ready, status: '"
                        + (ready ? "True" : "False") + "'}]}}");
    }

    private ObjectNode subset() {
        return fixture.api
                .get(Resources.ENDPOINTS, "default", "web")
                .map(e -> e.path("subsets").path(0))
                .filter(ObjectNode.class::isInstance)
                .map(ObjectNode.class::cast)
                .orElseGet(() -> ManagerFixture.parse("{}"));
    }

    private List<ObjectNode> slices() {
        return fixture.list(Resources.ENDPOINT_SLICES, "default");
    }
}
