package io.insula.tenantapi.controllers.discovery;

import static io.insula.tenantapi.controllers.RealCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.conformance.Conformance;
import io.insula.tenantapi.controllers.RealCluster;
import io.insula.tenantapi.controllers.Resources;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class MirroringTest {

    private static final String MIRROR = "endpointslicemirroring-controller.k8s.io";

    private RealCluster cluster;
    private String namespace = "";

    @BeforeAll
    void start() {
        cluster = RealCluster.withoutNodes();
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    @BeforeEach
    void newNamespace() {
        namespace = cluster.namespace();
    }

    @Test
    @Conformance(
            value =
                    "[sig-network] EndpointSliceMirroring should mirror a custom Endpoints resource through create update and"
                            + " delete [Conformance]",
            weaker = Conformance.NOTHING)
    void mirrorsEndpointsThroughCreateUpdateAndDelete() {
        service("custom", "");
        cluster.create(
                Resources.ENDPOINTS,
                namespace,
                "{apiVersion: v1, kind: Endpoints, metadata: {name: custom, labels: {a: b}}, subsets: [{ports: [{port:"
                        + " 80}], addresses: [{ip: 10.1.2.3}], notReadyAddresses: [{ip: 10.1.2.4}]}]}");
        await("a slice", () -> mirrors().size() == 1);
        ObjectNode slice = mirrors().getFirst();
        assertThat(Meta.labels(slice))
                .containsEntry("kubernetes.io/service-name", "custom")
                .containsEntry("a", "b");
        assertThat(slice.at("/ports/0/port").asInt()).isEqualTo(80);
        assertThat(slice.at("/endpoints/0/addresses/0").asText()).isEqualTo("10.1.2.3");
        assertThat(slice.at("/endpoints/0/conditions/ready").asBoolean()).isTrue();
        assertThat(slice.at("/endpoints/1/conditions/ready").asBoolean(true)).isFalse();
        cluster.patch(
                Resources.ENDPOINTS,
                namespace,
                "custom",
                "{subsets: [{ports: [{name: http, port: 8080}], addresses: [{ip: 10.2.3.4}]}]}");
        await(
                "the change",
                () -> mirrors().stream()
                        .anyMatch(s -> s.at("/endpoints/0/addresses/0").asText().equals("10.2.3.4")
                                && s.at("/ports/0/port").asInt() == 8080));
        assertThat(mirrors()).hasSize(1);
        cluster.delete(Resources.ENDPOINTS, namespace, "custom");
        await("no slice", () -> mirrors().isEmpty());
    }

    @Test
    void mirrorsNothingThatHasASelectorOrSaysSo() {
        service("selecting", "selector: {app: none}, ");
        service("skipped", "");
        cluster.create(
                Resources.ENDPOINTS,
                namespace,
                "{apiVersion: v1, kind: Endpoints, metadata: {name: skipped, labels:"
                        + " {endpointslice.kubernetes.io/skip-mirror: 'true'}}, subsets: [{ports: [{port: 80}], addresses:"
                        + " [{ip: 10.1.2.3}]}]}");
        service("marker", "");
        cluster.create(
                Resources.ENDPOINTS,
                namespace,
                "{apiVersion: v1, kind: Endpoints, metadata: {name: marker}, subsets: [{ports: [{port: 80}], addresses:"
                        + " [{ip: 10.1.2.5}]}]}");
        await("a slice of the other", () -> mirrors().size() == 1);
        assertThat(Meta.labels(mirrors().getFirst())).containsEntry("kubernetes.io/service-name", "marker");
    }

    @Test
    @Conformance(
            value = {
                "[sig-network] EndpointSlice should create and delete Endpoints and EndpointSlices for a Service with a selector"
                        + " specified [Conformance]",
                "[sig-network] EndpointSlice should create and delete EndpointSlices for a Service with a selector that matches no"
                        + " pods [Conformance]",
                "[sig-network] EndpointsController should create and delete Endpoints for a Service with a selector that matches"
                        + " no pods [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void makesEmptyEndpointsAndSlicesForASelectorThatMatchesNothing() {
        service("empty", "selector: {app: none}, ");
        await("endpoints", () -> cluster.has(Resources.ENDPOINTS, namespace, "empty"));
        await(
                "a slice",
                () -> cluster.list(Resources.ENDPOINT_SLICES, namespace).size() == 1);
        assertThat(cluster.at(Resources.ENDPOINTS, namespace, "empty", "/subsets"))
                .isEmpty();
        ObjectNode slice = cluster.list(Resources.ENDPOINT_SLICES, namespace).getFirst();
        assertThat(Meta.labels(slice))
                .containsEntry("kubernetes.io/service-name", "empty")
                .containsEntry("endpointslice.kubernetes.io/managed-by", "endpointslice-controller.k8s.io");
        assertThat(slice.path("endpoints")).isEmpty();
        cluster.delete(Resources.SERVICES, namespace, "empty");
        await(
                "both to go",
                () -> !cluster.has(Resources.ENDPOINTS, namespace, "empty")
                        && cluster.list(Resources.ENDPOINT_SLICES, namespace).isEmpty());
    }

    private void service(String name, String selector) {
        cluster.create(
                Resources.SERVICES,
                namespace,
                "{apiVersion: v1, kind: Service, metadata: {name: " + name + "}, spec: {" + selector
                        + "ports: [{port: 80}]}}");
    }

    private List<ObjectNode> mirrors() {
        return cluster.list(Resources.ENDPOINT_SLICES, namespace).stream()
                .filter(slice -> MIRROR.equals(Meta.labels(slice).get("endpointslice.kubernetes.io/managed-by")))
                .toList();
    }
}
