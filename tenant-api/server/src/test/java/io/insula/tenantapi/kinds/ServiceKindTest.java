package io.insula.tenantapi.kinds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.ports.ObjectClient;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ServiceKindTest {

    private static final String WEB = "{metadata: {name: web, namespace: d}, spec: {ports: [{port: 80}]}}";

    private final Writes services = new Writes("v1", "Service");

    @Test
    void givesAnAddressAndFillsTheRest() {
        ObjectNode spec = (ObjectNode) services.prepared(WEB).path("spec");
        assertThat(spec.path("clusterIP").asText()).startsWith("10.");
        assertThat(spec.path("clusterIPs").path(0)).isEqualTo(spec.path("clusterIP"));
        spec.remove(List.of("clusterIP", "clusterIPs"));
        assertThat(spec.toString())
                .isEqualTo(
                        "{\"ports\":[{\"port\":80,\"protocol\":\"TCP\",\"targetPort\":80}],\"sessionAffinity\":\"None\","
                                + "\"type\":\"ClusterIP\",\"internalTrafficPolicy\":\"Cluster\",\"ipFamilyPolicy\":\"SingleStack\","
                                + "\"ipFamilies\":[\"IPv4\"]}");
    }

    @Test
    void givesNodePortsToThoseWhoNeedThem() {
        var spec = services.prepared("{metadata: {name: a, namespace: d}, spec: {type: NodePort, ports: [{port: 80}]}}")
                .path("spec");
        assertThat(spec.path("ports").path(0).path("nodePort").asInt()).isBetween(30086, 32767);
    }

    @Test
    void refusesATakenNodePort() {
        services.client.with(
                new GroupVersionResource("", "v1", "services"),
                "{metadata: {name: x, namespace: d, uid: u}, spec: {type: NodePort, ports: [{port: 1, nodePort: 30001}]}}");
        assertThatThrownBy(
                        () -> services.prepared(
                                "{metadata: {name: a, namespace: d}, spec: {type: NodePort, ports: [{port: 80, nodePort: 30001}]}}"))
                .hasMessageContaining(
                        "spec.ports[0].nodePort: Invalid value: 30001: provided port is already allocated");
    }

    @Test
    void keepsTheAddressThatAnUpdateLeavesOut() {
        ObjectNode current = services.prepared(WEB);
        ObjectNode wanted = services.defaulted(WEB);
        services.kind().prepareForUpdate(wanted, current, services.context(""));
        assertThat(wanted.path("spec").path("clusterIP"))
                .isEqualTo(current.path("spec").path("clusterIP"));
    }

    @Test
    void refusesToChangeAnAddress() {
        assertThat(services.updateErrors(
                        "{metadata: {name: web, namespace: d}, spec: {clusterIP: 10.96.0.9, ports: [{port: 80}]}}",
                        WEB))
                .containsExactly("spec.clusterIPs[0]: Invalid value: [\"10.96.0.9\"]: may not change once set");
    }

    @Test
    void takesNoAddressForHeadlessAndExternalServices() {
        var headless =
                services.prepared("{metadata: {name: a, namespace: d}, spec: {clusterIP: None, selector: {a: b}}}");
        var external = services.prepared(
                "{metadata: {name: b, namespace: d}, spec: {type: ExternalName, externalName: example.com}}");
        assertThat(headless.path("spec").path("clusterIPs").path(0).asText()).isEqualTo("None");
        assertThat(external.path("spec").has("clusterIP")).isFalse();
        assertThat(services.client
                        .list(
                                new GroupVersionResource("networking.k8s.io", "v1", "ipaddresses"),
                                "",
                                ObjectClient.Query.ALL)
                        .items())
                .isEmpty();
    }

    record Case(String name, String spec, String finding) {}

    static List<Case> invalid() {
        return List.of(
                new Case("no ports", "{}", "spec.ports: Required value"),
                new Case(
                        "unnamed ports",
                        "{ports: [{port: 80, name: a}, {port: 81}]}",
                        "spec.ports[1].name: Required value"),
                new Case(
                        "port out of range",
                        "{ports: [{port: 70000, targetPort: 1}]}",
                        "spec.ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive"),
                new Case(
                        "node port without the type",
                        "{ports: [{port: 80, nodePort: 30000}]}",
                        "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"),
                new Case(
                        "unknown type",
                        "{type: Odd, ports: [{port: 80}]}",
                        "spec.type: Unsupported value: \"Odd\": supported values: \"ClusterIP\", \"ExternalName\","
                                + " \"LoadBalancer\", \"NodePort\""),
                new Case("nameless external", "{type: ExternalName}", "spec.externalName: Required value"));
    }

    @ParameterizedTest
    @MethodSource("invalid")
    void refuses(Case given) {
        assertThat(services.createErrors("{metadata: {name: a, namespace: d}, spec: " + given.spec() + "}"))
                .containsExactly(given.finding());
    }
}
