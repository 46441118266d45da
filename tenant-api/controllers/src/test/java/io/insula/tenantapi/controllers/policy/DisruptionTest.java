package io.insula.tenantapi.controllers.policy;

import static io.insula.tenantapi.controllers.ManagerFixture.parse;
import static io.insula.tenantapi.controllers.RealCluster.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.conformance.Conformance;
import io.insula.tenantapi.controllers.RealCluster;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.ShiftedClock;
import io.insula.tenantapi.ports.ObjectClient.Query;
import io.insula.tenantapi.view.Condition;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DisruptionTest {

    private static final String READY = "{status: {phase: Running, conditions: [{type: Ready, status: 'True'}]}}";

    private final ShiftedClock clock = new ShiftedClock();
    private RealCluster cluster;
    private String namespace = "";

    @BeforeAll
    void start() {
        cluster = RealCluster.withoutNodes(clock);
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
            value = {
                "[sig-apps] DisruptionController should create a PodDisruptionBudget [Conformance]",
                "[sig-apps] DisruptionController should observe PodDisruptionBudget status updated [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void countsHealthyPods() {
        budget("minAvailable: 1");
        pod("one");
        pod("two");
        await("both to be expected", () -> number("expectedPods") == 2 && number("currentHealthy") == 0);
        assertThat(number("disruptionsAllowed")).isZero();
        cluster.patchStatus(Resources.PODS, namespace, "one", READY);
        cluster.patchStatus(Resources.PODS, namespace, "two", READY);
        await("one disruption", () -> number("disruptionsAllowed") == 1);
        assertThat(number("currentHealthy")).isEqualTo(2);
        assertThat(number("desiredHealthy")).isEqualTo(1);
        assertThat(Condition.of(budget(), "DisruptionAllowed").reason()).isEqualTo("SufficientPods");
        cluster.patch(Resources.POD_DISRUPTION_BUDGETS, namespace, "b", "{spec: {minAvailable: 2}}");
        await("none", () -> number("disruptionsAllowed") == 0 && number("observedGeneration") == 2);

        ObjectNode wanted = budget();
        Meta.of(wanted).withObjectProperty("labels").put("updated", "yes");
        wanted.withObjectProperty("spec").put("minAvailable", 1);
        assertThat(Meta.labels(cluster.client.update(Resources.POD_DISRUPTION_BUDGETS, namespace, "", wanted)))
                .containsEntry("updated", "yes");
        await("one disruption again", () -> number("disruptionsAllowed") == 1 && number("observedGeneration") == 3);
        cluster.delete(Resources.POD_DISRUPTION_BUDGETS, namespace, "b");
        await("it to go", () -> !cluster.has(Resources.POD_DISRUPTION_BUDGETS, namespace, "b"));
    }

    @Test
    @Conformance(
            value = "[sig-apps] DisruptionController should block an eviction until the PDB is updated to allow it"
                    + " [Conformance]",
            weaker = Conformance.NOTHING)
    void blocksAnEvictionUntilTheBudgetAllowsIt() {
        budget("minAvailable: 3");
        List<String> names = List.of("zero", "one", "two");
        names.forEach(this::readyPod);
        await("their health", () -> number("currentHealthy") == 3);
        assertBlocked("one");

        ObjectNode wanted = budget();
        wanted.withObjectProperty("spec").put("minAvailable", 2);
        cluster.client.update(Resources.POD_DISRUPTION_BUDGETS, namespace, "", wanted);
        await("a disruption", () -> number("disruptionsAllowed") == 1);
        assertThat(number("currentHealthy")).isEqualTo(3);
        evict("one");
        await("it to go", () -> !cluster.has(Resources.PODS, namespace, "one"));
        await("the count", () -> number("expectedPods") == 2 && number("disruptionsAllowed") == 0);

        readyPod("one");
        await("another disruption", () -> number("disruptionsAllowed") == 1);
        cluster.patch(Resources.POD_DISRUPTION_BUDGETS, namespace, "b", "{spec: {minAvailable: 3}}");
        await("none", () -> number("disruptionsAllowed") == 0 && number("observedGeneration") == 3);
        assertThat(number("currentHealthy")).isEqualTo(3);
        assertBlocked("two");

        cluster.delete(Resources.POD_DISRUPTION_BUDGETS, namespace, "b");
        await("the budget to go", () -> !cluster.has(Resources.POD_DISRUPTION_BUDGETS, namespace, "b"));
        evict("two");
        await("it to go", () -> !cluster.has(Resources.PODS, namespace, "two"));
    }

    private void assertBlocked(String pod) {
        assertThatThrownBy(() -> evict(pod))
                .isInstanceOfSatisfying(ApiException.class, e -> {
                    assertThat(e.code()).isEqualTo(429);
                    assertThat(e.status().at("/details/causes/0/reason").asText())
                            .isEqualTo("DisruptionBudget");
                })
                .hasMessage("Cannot evict pod as it would violate the pod's disruption budget.");
        assertThat(cluster.has(Resources.PODS, namespace, pod)).isTrue();
    }

    private void readyPod(String name) {
        pod(name);
        cluster.patchStatus(Resources.PODS, namespace, name, READY);
    }

    @Test
    void takesPercentagesOfWhatControllersWant() {
        cluster.create(
                Resources.REPLICA_SETS,
                namespace,
                "{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: r}, spec: {replicas: 5, selector:"
                        + " {matchLabels: {app: x}}, template: {metadata: {labels: {app: x}}, spec: {containers: [{name:"
                        + " c, image: i}]}}}}");
        budget("maxUnavailable: 30%");
        await("the pods", () -> cluster.pods(namespace).size() == 5);
        await("the scale", () -> number("expectedPods") == 5);
        assertThat(number("desiredHealthy")).isEqualTo(3);
        cluster.pods(namespace).forEach(pod -> cluster.patchStatus(Resources.PODS, namespace, Meta.name(pod), READY));
        await("two disruptions", () -> number("disruptionsAllowed") == 2);
    }

    @Test
    void countsAnEvictedPodAsGoneForTwoMinutes() {
        budget("minAvailable: 0");
        pod("slow");
        cluster.patchStatus(Resources.PODS, namespace, "slow", READY);
        await("its health", () -> number("currentHealthy") == 1);
        cluster.patchStatus(
                Resources.POD_DISRUPTION_BUDGETS,
                namespace,
                "b",
                "{status: {disruptedPods: {slow: '" + Meta.timestamp(clock.instant()) + "'}}}");
        await("its absence", () -> number("currentHealthy") == 0);
        clock.advance(Duration.ofSeconds(121));
        cluster.patch(Resources.PODS, namespace, "slow", "{metadata: {annotations: {touched: 'yes'}}}");
        await("its health again", () -> number("currentHealthy") == 1);
        await("the event", () -> cluster.hasEvent(namespace, "NotDeleted"));
    }

    @Test
    void listsBudgetsOfAllNamespaces() {
        budget("minAvailable: 1");
        cluster.patch(
                Resources.POD_DISRUPTION_BUDGETS, namespace, "b", "{metadata: {labels: {set: '" + namespace + "'}}}");
        assertThat(cluster.client
                        .list(Resources.POD_DISRUPTION_BUDGETS, "", new Query("set=" + namespace, ""))
                        .items())
                .hasSize(1);
        cluster.delete(Resources.POD_DISRUPTION_BUDGETS, namespace, "b");
        assertThat(cluster.list(Resources.POD_DISRUPTION_BUDGETS, namespace)).isEmpty();
    }

    @Test
    @Conformance(
            value = "[sig-apps] DisruptionController should update/patch PodDisruptionBudget status [Conformance]",
            weaker = Conformance.NOTHING)
    void takesWhatAnEvictionNotesInTheStatus() {
        budget("minAvailable: 1");
        pod("one");
        cluster.patchStatus(Resources.PODS, namespace, "one", READY);
        await("its health", () -> number("currentHealthy") == 1);

        ObjectNode noted = budget();
        noted.withObjectProperty("status")
                .putObject("disruptedPods")
                .put("one", Meta.timestamp(clock.instant()))
                .put("none", Meta.timestamp(clock.instant()));
        ObjectNode answer = cluster.client.update(Resources.POD_DISRUPTION_BUDGETS, namespace, "status", noted);
        assertThat(answer.at("/status/disruptedPods").size()).isEqualTo(2);
        await("the note to count", () -> number("currentHealthy") == 0);
        assertThat(budget().at("/status/disruptedPods").has("one")).isTrue();

        answer = cluster.patchStatus(
                Resources.POD_DISRUPTION_BUDGETS, namespace, "b", "{status: {disruptedPods: {one: null}}}");
        assertThat(answer.at("/status/disruptedPods").has("one")).isFalse();
        await("its health again", () -> number("currentHealthy") == 1);
        assertThat(budget().at("/status").has("disruptedPods"))
                .as("of pods that are not there")
                .isFalse();
    }

    @Test
    void restoresAStatusThatSomebodyElseWrote() {
        budget("minAvailable: 1");
        await("the status", () -> number("observedGeneration") == 1);

        ObjectNode answer = cluster.patchStatus(
                Resources.POD_DISRUPTION_BUDGETS, namespace, "b", "{status: {disruptionsAllowed: 7}}");

        assertThat(answer.at("/status/disruptionsAllowed").asInt())
                .as("it is taken first, or nothing would be restored")
                .isEqualTo(7);
        await("the restored status", () -> number("disruptionsAllowed") == 0);
        assertThat(Meta.resourceVersion(budget())).isNotEqualTo(Meta.resourceVersion(answer));
    }

    private void evict(String pod) {
        cluster.client.createSubresource(
                Resources.PODS,
                namespace,
                pod,
                "eviction",
                parse("{apiVersion: policy/v1, kind: Eviction, metadata: {name: " + pod + "}}"));
    }

    private void budget(String spec) {
        cluster.create(
                Resources.POD_DISRUPTION_BUDGETS,
                namespace,
                "{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: b}, spec: {" + spec
                        + ", selector: {matchLabels: {app: x}}}}");
    }

    private void pod(String name) {
        cluster.create(
                Resources.PODS,
                namespace,
                "{apiVersion: v1, kind: Pod, metadata: {name: " + name
                        + ", labels: {app: x}}, spec: {containers: [{name: c, image: i}]}}");
    }

    private ObjectNode budget() {
        return cluster.get(Resources.POD_DISRUPTION_BUDGETS, namespace, "b");
    }

    private int number(String field) {
        return cluster.at(Resources.POD_DISRUPTION_BUDGETS, namespace, "b", "/status/" + field)
                .asInt();
    }
}
