package io.insula.tenantapi.admission.plugins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.fake.FakeObjectClient;
import io.insula.tenantapi.registry.AdmissionPlugin;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PodPluginsTest {

    private static final GroupVersionResource PODS = FakeObjectClient.core("pods");
    private static final GroupVersionResource PRIORITIES =
            new GroupVersionResource("scheduling.k8s.io", "v1", "priorityclasses");

    private final FakeObjectClient store = new FakeObjectClient()
            .with(
                    PRIORITIES,
                    "{metadata: {name: high}, value: 1000, preemptionPolicy: Never}",
                    "{metadata: {name: usual}, value: 7, globalDefault: true}")
            .with(
                    new GroupVersionResource("node.k8s.io", "v1", "runtimeclasses"),
                    "{metadata: {name: runc}, handler: runc}",
                    "{metadata: {name: kata}, handler: kata, overhead: {podFixed: {cpu: 250m, memory: 160Mi}},"
                            + " scheduling: {nodeSelector: {pool: metal}, tolerations: [{key: sandbox, operator: Exists}]}}");

    record Case(String name, AdmissionPlugin plugin, String spec, String want) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case(
                        "default priority",
                        new Priority(),
                        "{}",
                        "{priorityClassName: usual, priority: 7, preemptionPolicy: PreemptLowerPriority}"),
                new Case(
                        "named priority",
                        new Priority(),
                        "{priorityClassName: high}",
                        "{priorityClassName: high, priority: 1000, preemptionPolicy: Never}"),
                new Case(
                        "matching priority given",
                        new Priority(),
                        "{priorityClassName: high, priority: 1000}",
                        "{priorityClassName: high, priority: 1000, preemptionPolicy: Never}"),
                new Case(
                        "default tolerations",
                        new DefaultTolerationSeconds(),
                        "{}",
                        "{tolerations: [{key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute,"
                                + " tolerationSeconds: 300}, {key: node.kubernetes.io/unreachable, operator: Exists,"
                                + " effect: NoExecute, tolerationSeconds: 300}]}"),
                new Case(
                        "tolerates everything",
                        new DefaultTolerationSeconds(),
                        "{tolerations: [{operator: Exists}]}",
                        "{tolerations: [{operator: Exists}]}"),
                new Case(
                        "tolerates one",
                        new DefaultTolerationSeconds(),
                        "{tolerations: [{key: node.kubernetes.io/not-ready, operator: Exists, tolerationSeconds: 5}]}",
                        "{tolerations: [{key: node.kubernetes.io/not-ready, operator: Exists, tolerationSeconds: 5},"
                                + " {key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute,"
                                + " tolerationSeconds: 300}]}"),
                new Case("no runtime class", new RuntimeClass(), "{}", "{}"),
                new Case(
                        "plain runtime class",
                        new RuntimeClass(),
                        "{runtimeClassName: runc}",
                        "{runtimeClassName: runc}"),
                new Case(
                        "overhead and scheduling",
                        new RuntimeClass(),
                        "{runtimeClassName: kata}",
                        "{runtimeClassName: kata, overhead: {cpu: 250m, memory: 160Mi}, nodeSelector: {pool: metal},"
                                + " tolerations: [{key: sandbox, operator: Exists}]}"),
                new Case(
                        "the same overhead given",
                        new RuntimeClass(),
                        "{runtimeClassName: kata, overhead: {cpu: 0.25, memory: 163840Ki}}",
                        "{runtimeClassName: kata, overhead: {cpu: 250m, memory: 160Mi}, nodeSelector: {pool: metal},"
                                + " tolerations: [{key: sandbox, operator: Exists}]}"));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void completesPods(Case test) {
        var pod = Admission.create(
                test.plugin(), store, PODS, "{metadata: {name: p, namespace: shop}, spec: " + test.spec() + "}");

        assertThat(pod.path("spec")).isEqualTo(FakeObjectClient.yaml(test.want()));
    }

    static Stream<Case> refusals() {
        return Stream.of(
                new Case(
                        "unknown priority",
                        new Priority(),
                        "{priorityClassName: nope}",
                        "no PriorityClass with name nope was found"),
                new Case(
                        "claimed priority",
                        new Priority(),
                        "{priorityClassName: usual, priority: 2000000000}",
                        "the integer value of priority (2000000000) must not be provided in pod spec; priority"
                                + " admission controller computed 7 from the given PriorityClass name"),
                new Case(
                        "claimed preemption",
                        new Priority(),
                        "{priorityClassName: high, preemptionPolicy: PreemptLowerPriority}",
                        "the string value of PreemptionPolicy (PreemptLowerPriority) must not be provided in pod spec;"
                                + " priority admission controller computed Never from the given PriorityClass name"),
                new Case(
                        "unknown runtime class",
                        new RuntimeClass(),
                        "{runtimeClassName: nope}",
                        "pod rejected: RuntimeClass \"nope\" not found"),
                new Case(
                        "overhead without class",
                        new RuntimeClass(),
                        "{overhead: {cpu: 1m}}",
                        "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"),
                new Case(
                        "smaller overhead",
                        new RuntimeClass(),
                        "{runtimeClassName: kata, overhead: {cpu: 1m, memory: 160Mi}}",
                        "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"),
                new Case(
                        "another pool",
                        new RuntimeClass(),
                        "{runtimeClassName: kata, nodeSelector: {pool: vm}}",
                        "conflict: runtimeClass.scheduling.nodeSelector[pool] = metal; pod.spec.nodeSelector[pool] = vm"));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void refusesPodsAsUpstream(Case test) {
        assertThatThrownBy(() -> Admission.create(
                        test.plugin(),
                        store,
                        PODS,
                        "{metadata: {name: p, namespace: shop}, spec: " + test.spec() + "}"))
                .hasMessage("pods \"p\" is forbidden: " + test.want());
    }

    @Test
    void keepsThePriorityThatAnUpdateForgot() {
        var pod = Admission.update(
                new Priority(),
                store,
                PODS,
                "{metadata: {name: p, namespace: shop}, spec: {priority: 5, preemptionPolicy: Never}}",
                "{metadata: {name: p, namespace: shop}, spec: {}}");

        assertThat(pod.path("spec").path("priority").asInt()).isEqualTo(5);
    }

    @Test
    void allowsOneDefaultPriorityOnly() {
        assertThatThrownBy(() -> Admission.create(
                        new Priority(), store, PRIORITIES, "{metadata: {name: new}, value: 1, globalDefault: true}"))
                .hasMessageContaining("PriorityClass usual is already marked as default. Only one default can exist");
    }

    @Test
    void choosesTheNewestDefaultClass() {
        var classes = new GroupVersionResource("storage.k8s.io", "v1", "storageclasses");
        store.with(
                classes,
                "{metadata: {name: old, creationTimestamp: '2026-01-01T00:00:00Z', annotations: {storageclass.kubernetes.io/is-default-class: 'true'}}}",
                "{metadata: {name: new, creationTimestamp: '2026-02-01T00:00:00Z', annotations: {storageclass.kubernetes.io/is-default-class: 'true'}}}",
                "{metadata: {name: other, creationTimestamp: '2026-03-01T00:00:00Z'}}");
        var claims = FakeObjectClient.core("persistentvolumeclaims");

        assertThat(Admission.create(
                                new DefaultStorageClass(),
                                store,
                                claims,
                                "{metadata: {name: c, namespace: shop}, spec: {}}")
                        .path("spec")
                        .path("storageClassName")
                        .asText())
                .isEqualTo("new");
        assertThat(Admission.create(
                                new DefaultStorageClass(),
                                store,
                                claims,
                                "{metadata: {name: c, namespace: shop}, spec: {storageClassName: ''}}")
                        .path("spec")
                        .path("storageClassName")
                        .asText())
                .isEmpty();
    }
}
