package io.insula.host.simulation;

import static io.insula.tenantapi.controllers.ManagerFixture.parse;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.resources.Amounts;
import io.insula.tenantapi.view.Condition;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Running pods that are resized in place, and ephemeral containers.
class ResizeTest {

    private static final Duration PACE = Duration.ofMillis(10);
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant NOW = Instant.parse("2026-01-01T01:00:00Z");
    private static final Amounts NODE = Amounts.ofTexts(Map.of("cpu", "4", "memory", "8Gi"));

    @Test
    void aRunningContainerHasWhatItAskedForFromTheStart() {
        ObjectNode pod = running("{cpu: 500m, memory: 1Gi}", "");

        assertThat(pod.at("/status/containerStatuses/0/resources/requests/cpu").asText())
                .isEqualTo("500m");
        assertThat(pod.at("/status/containerStatuses/0/allocatedResources/memory")
                        .asText())
                .isEqualTo("1Gi");
        assertThat(step(pod, Optional.empty())).isEmpty();
    }

    @Test
    void isGivenOtherResourcesWithoutARestart() {
        ObjectNode pod = resized(running("{cpu: 500m, memory: 1Gi}", ""), "{cpu: '2', memory: 1Gi}");
        assertThat(Resize.isWanted(pod)).isTrue();

        var step = step(pod, Resize.refusal(pod, NODE, Amounts.NONE)).orElseThrow();

        JsonNode status = step.status().at("/containerStatuses/0");
        assertThat(status.at("/resources/requests/cpu").asText()).isEqualTo("2");
        assertThat(status.at("/allocatedResources/cpu").asText()).isEqualTo("2");
        assertThat(status.path("restartCount").asInt()).isZero();
        assertThat(step.status().path("observedGeneration").asInt()).isEqualTo(2);
        assertThat(step.events()).extracting(ContainerLife.Told::reason).containsExactly("ResizeCompleted");
        assertThat(Resize.isWanted(after(pod, step))).isFalse();
    }

    @Test
    void isRestartedWhereTheContainerSaysSo() {
        String policy = "resizePolicy: [{resourceName: memory, restartPolicy: RestartContainer}],";
        ObjectNode pod = running("{cpu: 500m, memory: 1Gi}", policy);

        var byCpu =
                step(resized(pod, "{cpu: '1', memory: 1Gi}"), Optional.empty()).orElseThrow();
        var byMemory =
                step(resized(pod, "{cpu: 500m, memory: 2Gi}"), Optional.empty()).orElseThrow();

        assertThat(byCpu.status().at("/containerStatuses/0/restartCount").asInt())
                .isZero();
        JsonNode status = byMemory.status().at("/containerStatuses/0");
        assertThat(status.path("restartCount").asInt()).isEqualTo(1);
        assertThat(status.at("/lastState/terminated/exitCode").asInt()).isEqualTo(137);
        assertThat(status.at("/state/running/startedAt").asText()).isEqualTo("2026-01-01T01:00:00Z");
        assertThat(status.at("/resources/requests/memory").asText()).isEqualTo("2Gi");
    }

    @Test
    void staysAsItIsWhereItsNodeCanNeverGiveIt() {
        ObjectNode pod = resized(running("{cpu: 500m, memory: 1Gi}", ""), "{cpu: '5', memory: 1Gi}");
        var refusal = Resize.refusal(pod, NODE, Amounts.NONE);

        var step = step(pod, refusal).orElseThrow();

        assertThat(step.status()
                        .at("/containerStatuses/0/resources/requests/cpu")
                        .asText())
                .isEqualTo("500m");
        Condition pending = Condition.in(step.status(), "PodResizePending");
        assertThat(pending.status()).isEqualTo("True");
        assertThat(pending.reason()).isEqualTo("Infeasible");
        assertThat(pending.message()).isEqualTo("Node didn't have enough capacity: cpu, requested: 5, capacity: 4");
        // said once
        assertThat(step(after(pod, step), refusal)).isEmpty();
    }

    @Test
    void waitsForRoomAndIsGivenItThen() {
        ObjectNode pod = resized(running("{cpu: 500m, memory: 1Gi}", ""), "{cpu: '3', memory: 1Gi}");
        var others = Amounts.ofTexts(Map.of("cpu", "2", "memory", "1Gi"));

        var step = step(pod, Resize.refusal(pod, NODE, others)).orElseThrow();
        assertThat(Condition.in(step.status(), "PodResizePending").reason()).isEqualTo("Deferred");

        ObjectNode waiting = after(pod, step);
        var later = step(waiting, Resize.refusal(waiting, NODE, Amounts.NONE)).orElseThrow();
        assertThat(Condition.in(later.status(), "PodResizePending").exists()).isFalse();
        assertThat(later.status()
                        .at("/containerStatuses/0/resources/requests/cpu")
                        .asText())
                .isEqualTo("3");
    }

    @Test
    void ephemeralContainersRunOnceAndAreTold() {
        ObjectNode pod = running("{cpu: 500m, memory: 1Gi}", "");
        ObjectNode spec = (ObjectNode) pod.path("spec");
        spec.withArrayProperty("ephemeralContainers")
                .addObject()
                .put("name", "debugger")
                .put("image", "busybox:1")
                .withArrayProperty("command")
                .add("sleep")
                .add("3600");

        var step = step(pod, Optional.empty()).orElseThrow();

        JsonNode told = step.status().at("/ephemeralContainerStatuses/0");
        assertThat(told.path("name").asText()).isEqualTo("debugger");
        assertThat(told.path("state").has("running")).isTrue();
        assertThat(told.path("ready").asBoolean()).isFalse();
        assertThat(step.events()).extracting(ContainerLife.Told::reason).contains("Started");
        assertThat(step.status().path("phase").asText()).isEqualTo("Running");
        assertThat(Condition.in(step.status(), "Ready").status()).isEqualTo("True");
    }

    private static Optional<PodLife.Step> step(ObjectNode pod, Optional<Resize.Refusal> resize) {
        return PodLife.next(pod, "198.18.0.2", "198.19.252.2", resize, PACE, NOW)
                .filter(step -> !step.status().isEmpty());
    }

    private static ObjectNode after(ObjectNode pod, PodLife.Step step) {
        ObjectNode next = pod.deepCopy();
        step.status().forEachEntry((field, value) -> ((ObjectNode) next.path("status")).set(field, value));
        return next;
    }

    /// After all its steps.
    private static ObjectNode running(String requests, String more) {
        ObjectNode pod = parse("""
                {metadata: {namespace: default, name: web, uid: u-1, generation: 1},
                 spec: {nodeName: n, containers: [{name: c, image: 'nginx:1', %s resources: {requests: %s}}]},
                 status: {}}
                """.formatted(more, requests));
        for (int i = 0; i < 10; i++) {
            var next = PodLife.next(pod, "198.18.0.2", "198.19.252.2", Optional.empty(), PACE, START);
            if (next.isEmpty()) {
                return pod;
            }
            pod = after(pod, next.get());
        }
        throw new AssertionError("does not come to rest: " + pod);
    }

    private static ObjectNode resized(ObjectNode pod, String requests) {
        ObjectNode wanted = pod.deepCopy();
        ((ObjectNode) wanted.at("/spec/containers/0/resources")).set("requests", parse(requests));
        ((ObjectNode) wanted.path("metadata")).put("generation", 2);
        return wanted;
    }
}
