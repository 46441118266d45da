package io.insula.host.simulation;

import static io.insula.tenantapi.controllers.ManagerFixture.parse;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.view.Condition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// How often a pod on a simulated node is written from its binding until it rests: each is an audit event or two, on
/// the host and again in the tenant.
class PodLifeTest {

    private static final String IP = "198.18.0.2";
    private static final int MOST_STEPS = 20;

    private final List<ObjectNode> statuses = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private Instant now = Instant.parse("2026-11-30T00:00:00Z");

    @Test
    void startsInTwoStatusesAndTellsOnce() {
        ObjectNode pod = live("containers: [{name: c, image: nginx}]");

        assertThat(statuses).hasSize(2);
        assertThat(statuses.getFirst().path("containerStatuses").findValuesAsText("reason"))
                .containsExactly("ContainerCreating");
        assertThat(statuses.getFirst().has("podIP")).isFalse();
        assertThat(statuses.getLast().path("podIP").asText()).isEqualTo(IP);
        for (String condition :
                List.of("PodScheduled", "PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready")) {
            assertThat(Condition.isTrue(pod, condition)).as(condition).isTrue();
        }
        assertThat(told).containsExactly("Started: Started container c");
    }

    @Test
    void hasAnAddressBeforeItsInitContainersRun() {
        ObjectNode pod = live("initContainers: [{name: i, image: busybox, command: ['true']}],"
                + " containers: [{name: c, image: nginx}]");

        assertThat(statuses.get(1).path("podIP").asText()).isEqualTo(IP);
        assertThat(statuses.get(1).has("containerStatuses")).isFalse();
        assertThat(statuses.stream().limit(statuses.size() - 1L)).noneMatch(status -> isReady(status));
        assertThat(Condition.isTrue(pod, "Ready")).isTrue();
        assertThat(told).containsExactly("Started: Started container i", "Started: Started container c");
    }

    @Test
    void saysWhyItDoesNotStartAsBefore() {
        ObjectNode pod = live("containers: [{name: c, image: registry.invalid/app}]");

        assertThat(statuses.get(1).path("podIP").asText()).isEqualTo(IP);
        assertThat(statuses.get(1).findValuesAsText("reason")).contains("ErrImagePull");
        assertThat(Condition.isTrue(pod, "Ready")).isFalse();
        assertThat(told)
                .anyMatch(text -> text.startsWith("Failed: Failed to pull image"))
                .noneMatch(text -> text.startsWith("Started"));
    }

    private static boolean isReady(ObjectNode status) {
        ObjectNode pod = parse("{}");
        pod.set("status", status);
        return Condition.isTrue(pod, "Ready");
    }

    /// The pod as it is when nothing more becomes of it by itself, or nothing new.
    private ObjectNode live(String spec) {
        ObjectNode pod =
                parse("{metadata: {name: p, namespace: n, uid: u}, spec: {" + spec + "}, status: {phase: Pending}}");
        for (int step = 0; step < MOST_STEPS; step++) {
            var next = PodLife.next(pod, IP, "198.18.0.1", Optional.empty(), Duration.ofMillis(100), now);
            if (next.isEmpty()) {
                return pod;
            }
            ObjectNode status = next.get().status();
            if (!status.isEmpty()) {
                statuses.add(status.deepCopy());
            }
            next.get().events().forEach(event -> told.add(event.reason() + ": " + event.message()));
            pod.withObjectProperty("status").setAll(status);
            now = now.plus(next.get().again());
        }
        return pod;
    }
}
