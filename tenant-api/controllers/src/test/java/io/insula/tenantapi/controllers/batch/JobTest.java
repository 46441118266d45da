package io.insula.tenantapi.controllers.batch;

import static io.insula.tenantapi.controllers.ManagerFixture.parse;
import static io.insula.tenantapi.controllers.RealCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.conformance.Conformance;
import io.insula.tenantapi.controllers.RealCluster;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.ShiftedClock;
import io.insula.tenantapi.controllers.objects.Owners;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.view.PodView;
import java.time.Duration;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// No node runs the pods: the tests end them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class JobTest {

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
            value = "[sig-apps] Job should run a job to completion when tasks sometimes fail and are locally restarted"
                    + " [Conformance]",
            weaker = Conformance.NOTHING)
    void runsToCompletionThoughContainersRestart() {
        job("parallelism: 2, completions: 3", "OnFailure");
        await("two pods", () -> active().size() == 2);
        for (ObjectNode pod : active()) {
            status(
                    pod,
                    "{phase: Running, containerStatuses: [{name: c, image: i, imageID: '', ready: false,"
                            + " restartCount: 1, state: {running: {}}, lastState: {}}]}");
            succeed(pod);
        }
        await("the third", () -> active().size() == 1 && number("succeeded") == 2);
        succeed(active().getFirst());
        await("the end", () -> isTrue("Complete"));
        assertThat(conditions()).containsExactly("SuccessCriteriaMet", "Complete");
        assertThat(number("succeeded")).isEqualTo(3);
        assertThat(number("active")).isZero();
        assertThat(field("completionTime").isTextual()).isTrue();
        assertThat(field("uncountedTerminatedPods").isEmpty()).isTrue();
        assertThat(pods())
                .hasSize(3)
                .allSatisfy(pod -> assertThat(Meta.finalizers(pod)).isEmpty());
        await("the event", () -> cluster.hasEvent(namespace, "Completed"));
    }

    @Test
    void countsEachPodOnceThoughItIsDeletedAtOnce() {
        job("parallelism: 1, completions: 2", "Never");
        await("a pod", () -> active().size() == 1);
        ObjectNode pod = active().getFirst();
        succeed(pod);
        cluster.delete(Resources.PODS, namespace, Meta.name(pod));
        await("another pod", () -> number("succeeded") == 1 && active().size() == 1);
        await("the first to go", () -> !cluster.has(Resources.PODS, namespace, Meta.name(pod)));
        succeed(active().getFirst());
        await("the end", () -> isTrue("Complete") && number("succeeded") == 2);
    }

    @Test
    void waitsLongerAfterEachFailureAndGivesUpAtTheLimit() {
        job("backoffLimit: 1", "Never");
        await("a pod", () -> active().size() == 1);
        fail(active().getFirst(), 1);
        await("the failure", () -> number("failed") == 1);
        assertThat(active()).isEmpty();
        pass(Duration.ofSeconds(11));
        await("another pod", () -> active().size() == 1);
        fail(active().getFirst(), 1);
        await("the end", () -> isTrue("Failed"));
        assertThat(condition("Failed").path("reason").asText()).isEqualTo("BackoffLimitExceeded");
        assertThat(conditions()).containsExactly("FailureTarget", "Failed");
        assertThat(number("failed")).isEqualTo(2);
    }

    @Test
    void endsAtItsDeadline() {
        job("activeDeadlineSeconds: 60", "Never");
        await("its start", () -> number("active") == 1);
        pass(Duration.ofSeconds(61));
        await("the end", () -> isTrue("Failed"));
        assertThat(condition("Failed").path("reason").asText()).isEqualTo("DeadlineExceeded");
        await("no pod", () -> pods().isEmpty());
    }

    @Test
    @Conformance(
            value =
                    "[sig-apps] Job should create pods for an Indexed job with completion indexes and specified hostname"
                            + " [Conformance]",
            weaker = Conformance.NOTHING)
    void givesEachPodAnIndex() {
        job("completionMode: Indexed, parallelism: 2, completions: 4", "Never");
        await("two pods", () -> active().size() == 2);
        assertThat(active()).extracting(JobPods::index).containsExactlyInAnyOrder(0, 1);
        ObjectNode first = ofIndex(0);
        assertThat(first.at("/spec/hostname").asText()).isEqualTo("j-0");
        assertThat(Meta.name(first)).startsWith("j-0-");
        assertThat(first.at("/spec/containers/0/env/0"))
                .isEqualTo(parse("{name: JOB_COMPLETION_INDEX, valueFrom: {fieldRef: {apiVersion: v1, fieldPath:"
                        + " \"metadata.labels['batch.kubernetes.io/job-completion-index']\"}}}"));
        active().forEach(this::succeed);
        await(
                "the next two",
                () -> active().size() == 2 && text("completedIndexes").equals("0,1"));
        assertThat(active()).extracting(JobPods::index).containsExactlyInAnyOrder(2, 3);
        succeed(ofIndex(3));
        await("the gap", () -> text("completedIndexes").equals("0,1,3"));
        succeed(ofIndex(2));
        await("the end", () -> isTrue("Complete"));
        assertThat(text("completedIndexes")).isEqualTo("0-3");
        assertThat(number("succeeded")).isEqualTo(4);
    }

    @Test
    @Conformance(
            value = "[sig-apps] Job should execute all indexes despite some failing when using backoffLimitPerIndex"
                    + " [Conformance]",
            weaker = Conformance.NOTHING)
    void triesEachIndexOnItsOwn() {
        job("completionMode: Indexed, parallelism: 2, completions: 2, backoffLimitPerIndex: 1", "Never");
        await("two pods", () -> active().size() == 2);
        succeed(ofIndex(1));
        fail(ofIndex(0), 1);
        await(
                "the failure",
                () -> active().isEmpty() && text("completedIndexes").equals("1"));
        pass(Duration.ofSeconds(11));
        await("another of index 0", () -> active().size() == 1);
        assertThat(Meta.annotations(active().getFirst())).containsEntry(JobPods.FAILURES, "1");
        fail(active().getFirst(), 1);
        await("the end", () -> isTrue("Failed"));
        assertThat(condition("Failed").path("reason").asText()).isEqualTo("FailedIndexes");
        assertThat(text("failedIndexes")).isEqualTo("0");
        assertThat(text("completedIndexes")).isEqualTo("1");
        assertThat(number("failed")).isEqualTo(2);
    }

    @Test
    @Conformance(
            value =
                    "[sig-apps] Job should terminate job execution when the number of failed indexes exceeds maxFailedIndexes"
                            + " [Conformance]",
            weaker = Conformance.NOTHING)
    void endsWhenTooManyIndexesHaveFailed() {
        job(
                "completionMode: Indexed, parallelism: 3, completions: 3, backoffLimitPerIndex: 0, maxFailedIndexes: 1",
                "Never");
        await("three pods", () -> active().size() == 3);
        fail(ofIndex(0), 1);
        await("one failed index", () -> text("failedIndexes").equals("0"));
        assertThat(isTrue("Failed")).isFalse();
        fail(ofIndex(2), 1);
        await("the end", () -> isTrue("Failed"));
        assertThat(condition("Failed").path("reason").asText()).isEqualTo("MaxFailedIndexesExceeded");
        await("the last pod to end", () -> active().isEmpty());
    }

    @Test
    @Conformance(
            value =
                    "[sig-apps] Job should mark indexes as failed when the FailIndex action is matched in podFailurePolicy"
                            + " [Conformance]",
            weaker = Conformance.NOTHING)
    void failsAnIndexByPolicy() {
        job(
                "completionMode: Indexed, parallelism: 2, completions: 2, backoffLimitPerIndex: 3, podFailurePolicy:"
                        + " {rules: [{action: FailIndex, onExitCodes: {operator: In, values: [42]}}]}",
                "Never");
        await("two pods", () -> active().size() == 2);
        fail(ofIndex(0), 42);
        await("the failed index", () -> text("failedIndexes").equals("0"));
        succeed(ofIndex(1));
        await("the end", () -> isTrue("Failed"));
        assertThat(condition("Failed").path("reason").asText()).isEqualTo("FailedIndexes");
    }

    @Test
    @Conformance(
            value = "[sig-apps] Job should allow to use the pod failure policy on exit code to fail the job early"
                    + " [Conformance]",
            weaker = Conformance.NOTHING)
    void failsEarlyByPolicy() {
        job(
                "parallelism: 2, completions: 2, podFailurePolicy: {rules: [{action: FailJob, onExitCodes: {operator:"
                        + " In, values: [42]}}]}",
                "Never");
        await("two pods", () -> active().size() == 2);
        String pod = Meta.name(active().getFirst());
        fail(active().getFirst(), 42);
        await("the end", () -> isTrue("Failed"));
        assertThat(condition("Failed").path("reason").asText()).isEqualTo("PodFailurePolicy");
        assertThat(condition("Failed").path("message").asText())
                .isEqualTo("Container c for pod " + namespace + "/" + pod
                        + " failed with exit code 42 matching FailJob rule at index 0");
    }

    @Test
    @Conformance(
            value =
                    "[sig-apps] Job should allow to use a pod failure policy to ignore failure matching on DisruptionTarget"
                            + " condition [Conformance]",
            weaker = Conformance.NOTHING)
    void ignoresDisruptionsByPolicy() {
        job(
                "backoffLimit: 0, podFailurePolicy: {rules: [{action: Ignore, onPodConditions: [{type:"
                        + " DisruptionTarget, status: 'True'}]}]}",
                "Never");
        await("a pod", () -> active().size() == 1);
        String evicted = Meta.name(active().getFirst());
        cluster.create(Resources.NODES, "", "{apiVersion: v1, kind: Node, metadata: {name: " + namespace + "}}");
        cluster.client.createSubresource(
                Resources.PODS,
                namespace,
                evicted,
                "binding",
                parse("{apiVersion: v1, kind: Binding, metadata: {name: " + evicted + "}, target: {kind: Node, name: "
                        + namespace + "}}"));
        cluster.client.createSubresource(
                Resources.PODS,
                namespace,
                evicted,
                "eviction",
                parse("{apiVersion: policy/v1, kind: Eviction, metadata: {name: " + evicted + "}}"));
        ObjectNode ending = cluster.get(Resources.PODS, namespace, evicted);
        assertThat(Condition.of(ending, "DisruptionTarget").reason()).isEqualTo("EvictionByEvictionAPI");
        status(ending, "{phase: Failed}");
        pass(Duration.ofSeconds(11));
        await("another pod", () -> active().size() == 1);
        succeed(active().getFirst());
        await("the end", () -> isTrue("Complete"));
        assertThat(number("failed")).isZero();
    }

    @Test
    @Conformance(
            value = "[sig-apps] Job with successPolicy should succeeded when all indexes succeeded [Conformance]",
            weaker = Conformance.NOTHING)
    void succeedsWhenAllIndexesHave() {
        job(
                "completionMode: Indexed, parallelism: 2, completions: 2, successPolicy: {rules: [{succeededIndexes:"
                        + " '0-1'}]}",
                "Never");
        await("two pods", () -> active().size() == 2);
        active().forEach(this::succeed);
        await("the end", () -> isTrue("Complete"));
        assertThat(condition("Complete").path("reason").asText()).isEqualTo("SuccessPolicy");
    }

    @Test
    @Conformance(
            value = {
                "[sig-apps] Job with successPolicy succeededIndexes rule should succeeded even when some indexes remain pending"
                        + " [Conformance]",
                "[sig-apps] Job with successPolicy succeededCount rule should succeeded even when some indexes remain pending"
                        + " [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void succeedsWhenEnoughIndexesHave() {
        for (String rule : List.of("succeededIndexes: '0'", "succeededCount: 1")) {
            namespace = cluster.namespace();
            job(
                    "completionMode: Indexed, parallelism: 3, completions: 3, successPolicy: {rules: [{" + rule + "}]}",
                    "Never");
            await("three pods", () -> active().size() == 3);
            succeed(ofIndex(0));
            await("the end", () -> isTrue("Complete"));
            assertThat(conditions()).containsExactly("SuccessCriteriaMet", "Complete");
            assertThat(condition("Complete").path("message").asText()).isEqualTo("Matched rules at index 0");
            await("the others to end", () -> active().isEmpty());
            assertThat(number("succeeded")).isEqualTo(1);
            assertThat(number("failed")).isZero();
        }
    }

    @Test
    void startsSuspendsAndResumes() {
        job("suspend: true, parallelism: 1", "Never");
        await("the condition", () -> isTrue("Suspended"));
        assertThat(pods()).isEmpty();
        assertThat(field("startTime").isMissingNode()).isTrue();
        cluster.patch(Resources.JOBS, namespace, "j", "{spec: {suspend: false}}");
        await("a pod", () -> active().size() == 1);
        await(
                "its resumption",
                () -> condition("Suspended").path("reason").asText().equals("JobResumed"));
        assertThat(field("startTime").isTextual()).isTrue();
        cluster.patch(Resources.JOBS, namespace, "j", "{spec: {suspend: true}}");
        await("no pod", () -> pods().isEmpty() && isTrue("Suspended"));
    }

    @Test
    @Conformance(
            value = "[sig-apps] Job should adopt matching orphans and release non-matching pods [Conformance]",
            weaker = Conformance.NOTHING)
    void adoptsAndReleasesPods() {
        ObjectNode job = job("parallelism: 2, completions: 2", "Never");
        await("two pods", () -> active().size() == 2);
        String pod = Meta.name(active().getFirst());
        cluster.patch(Resources.PODS, namespace, pod, "{metadata: {ownerReferences: null}}");
        await("the adoption", () -> Owners.isControlledBy(cluster.get(Resources.PODS, namespace, pod), job));
        cluster.patch(
                Resources.PODS, namespace, pod, "{metadata: {labels: {batch.kubernetes.io/controller-uid: null}}}");
        await(
                "the release",
                () -> Owners.controllerOf(cluster.get(Resources.PODS, namespace, pod))
                        .isEmpty());
        await(
                "its freedom",
                () -> Meta.finalizers(cluster.get(Resources.PODS, namespace, pod))
                        .isEmpty());
    }

    @Test
    @Conformance(value = "[sig-apps] Job should delete a job [Conformance]", weaker = Conformance.NOTHING)
    void keepsForeignConditionsAndGoesWithItsPods() {
        job("parallelism: 2, completions: 2", "Never");
        await("two pods", () -> active().size() == 2 && number("active") == 2);
        cluster.patch(Resources.JOBS, namespace, "j", "{metadata: {labels: {j: patched}}}");
        cluster.patchStatus(
                Resources.JOBS,
                namespace,
                "j",
                "{status: {conditions: [{type: CustomConditionType, status: 'True', lastTransitionTime:"
                        + " '2026-01-01T00:00:00Z'}]}}");
        succeed(active().getFirst());
        await("the count", () -> number("succeeded") == 1);
        assertThat(conditions()).containsExactly("CustomConditionType");
        cluster.client.delete(Resources.JOBS, namespace, "j", Json.object().put("propagationPolicy", "Background"));
        await("everything to go", () -> pods().isEmpty());
    }

    @Test
    void leavesAJobThatSomebodyElseManages() {
        job("managedBy: example.com/other", "Never");
        namespaceIsQuiet();
        assertThat(pods()).isEmpty();
        assertThat(field("startTime").isMissingNode()).isTrue();
    }

    @Test
    void waitsForTerminatingPodsWhereTheyAreReplacedOnlyWhenFailed() {
        job("podReplacementPolicy: Failed", "Never");
        await("a pod", () -> active().size() == 1);
        ObjectNode pod = active().getFirst();
        cluster.delete(Resources.PODS, namespace, Meta.name(pod));
        await("its going", () -> number("terminating") == 1);
        assertThat(active()).isEmpty();
        assertThat(number("failed")).isZero();
        status(pod, "{phase: Failed}");
        await("the failure", () -> number("failed") == 1);
    }

    @Test
    void deletesAFinishedJobAfterItsTime() {
        job("ttlSecondsAfterFinished: 100", "Never");
        await("a pod", () -> active().size() == 1);
        succeed(active().getFirst());
        await("the end", () -> isTrue("Complete"));
        namespaceIsQuiet();
        assertThat(cluster.has(Resources.JOBS, namespace, "j")).isTrue();
        pass(Duration.ofSeconds(101));
        await("it to go", () -> !cluster.has(Resources.JOBS, namespace, "j"));
        await("its pods to go", () -> pods().isEmpty());
    }

    /// A second Job has been taken care of: the first would have been too.
    private void namespaceIsQuiet() {
        cluster.create(
                Resources.JOBS,
                namespace,
                "{apiVersion: batch/v1, kind: Job, metadata: {name: after}, spec: {suspend: true, template: {spec:"
                        + " {restartPolicy: Never, containers: [{name: c, image: i}]}}}}");
        await("the second job", () -> Condition.isTrue(cluster.get(Resources.JOBS, namespace, "after"), "Suspended"));
    }

    private ObjectNode job(String spec, String restartPolicy) {
        return cluster.create(
                Resources.JOBS,
                namespace,
                "{apiVersion: batch/v1, kind: Job, metadata: {name: j}, spec: {" + spec
                        + ", template: {spec: {restartPolicy: " + restartPolicy
                        + ", containers: [{name: c, image: i}]}}}}");
    }

    private void pass(Duration time) {
        clock.advance(time);
        cluster.patch(
                Resources.JOBS, namespace, "j", "{metadata: {annotations: {touched: '" + clock.instant() + "'}}}");
    }

    private void succeed(ObjectNode pod) {
        status(pod, "{phase: Succeeded}");
    }

    private void fail(ObjectNode pod, int exitCode) {
        status(
                pod,
                "{phase: Failed, containerStatuses: [{name: c, image: i, imageID: '', ready: false, restartCount: 0,"
                        + " lastState: {}, state: {terminated: {exitCode: " + exitCode + ", finishedAt: '"
                        + Meta.timestamp(clock.instant()) + "'}}}]}");
    }

    private void status(ObjectNode pod, String status) {
        cluster.patchStatus(Resources.PODS, namespace, Meta.name(pod), "{status: " + status + "}");
    }

    private List<ObjectNode> pods() {
        return cluster.pods(namespace);
    }

    private List<ObjectNode> active() {
        return pods().stream().filter(pod -> PodView.of(pod).isActive()).toList();
    }

    private ObjectNode ofIndex(int index) {
        return active().stream()
                .filter(pod -> JobPods.index(pod) == index)
                .findFirst()
                .orElseThrow();
    }

    private JsonNode field(String name) {
        return cluster.at(Resources.JOBS, namespace, "j", "/status/" + name);
    }

    private String text(String name) {
        return field(name).asText("");
    }

    private int number(String name) {
        return field(name).asInt();
    }

    private JsonNode condition(String type) {
        return Condition.of(cluster.get(Resources.JOBS, namespace, "j"), type).tree();
    }

    private boolean isTrue(String type) {
        return condition(type).path("status").asText().equals("True");
    }

    private List<String> conditions() {
        return StreamSupport.stream(field("conditions").spliterator(), false)
                .map(c -> c.path("type").asText())
                .toList();
    }
}
