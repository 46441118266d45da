package io.insula.tenantapi.kinds;

import static io.insula.tenantapi.fake.FakeObjectClient.yaml;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;

/// Kinds whose objects have two forms in one storage, and kinds that transform what they are given.
final class FormsTest {

    @Test
    void showsACoreEventAsAnEventsEvent() {
        ObjectNode core =
                yaml("{apiVersion: v1, kind: Event, metadata: {name: e}, involvedObject: {kind: Pod}, message: m,"
                        + " count: 2, reportingComponent: c}");
        ObjectNode event = EventForms.toEvents(core);
        assertThat((JsonNode) event)
                .isEqualTo(
                        yaml("{apiVersion: events.k8s.io/v1, kind: Event, metadata: {name: e}, regarding: {kind: Pod},"
                                + " note: m, deprecatedCount: 2, reportingController: c}"));
        assertThat((JsonNode) EventForms.toCore(event)).isEqualTo(core);
    }

    @Test
    void keepsEverythingOfAnAutoscalerThroughV1() {
        var v1 = AllKinds.find("autoscaling/v1", "HorizontalPodAutoscaler");
        ObjectNode stored = yaml("""
                apiVersion: autoscaling/v2
                kind: HorizontalPodAutoscaler
                metadata: {name: h}
                spec:
                  maxReplicas: 3
                  metrics:
                  - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}
                  - {type: Resource, resource: {name: memory, target: {type: AverageValue, averageValue: 1Gi}}}
                  behavior: {scaleDown: {selectPolicy: Disabled}}
                """);
        ObjectNode shown = v1.fromStorage(stored.deepCopy());
        assertThat(shown.path("spec").path("targetCPUUtilizationPercentage").asInt())
                .isEqualTo(70);
        assertThat(shown.path("spec").has("metrics")).isFalse();
        assertThat((JsonNode) v1.toStorage(shown)).isEqualTo(stored);
    }

    @Test
    void mergesPlainTextIntoASecret() {
        var secret = new Writes("v1", "Secret").prepared("{metadata: {name: s}, data: {a: eA==}, stringData: {b: y}}");
        assertThat((JsonNode) secret).isEqualTo(yaml("{metadata: {name: s}, data: {a: eA==, b: eQ==}, type: Opaque}"));
    }

    @Test
    void freezesImmutableData() {
        assertThat(new Writes("v1", "ConfigMap")
                        .updateErrors(
                                "{metadata: {name: c}, immutable: true, data: {a: y}}",
                                "{metadata: {name: c}, immutable: true, data: {a: x}}"))
                .containsExactly("data: Forbidden: field is immutable when `immutable` is set");
    }

    @Test
    void refusesToPointABindingElsewhere() {
        String binding = "{metadata: {name: b}, roleRef: {kind: ClusterRole, name: x}}";
        assertThat(new Writes("rbac.authorization.k8s.io/v1", "ClusterRoleBinding")
                        .updateErrors(binding.replace("x", "y"), binding))
                .singleElement()
                .asString()
                .startsWith("roleRef: Invalid value: ")
                .endsWith("cannot change roleRef");
    }
}
