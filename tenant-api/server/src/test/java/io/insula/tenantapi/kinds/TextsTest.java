package io.insula.tenantapi.kinds;

import static io.insula.tenantapi.fake.FakeObjectClient.yaml;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.registry.StoredKind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Cell texts as upstream has them.
final class TextsTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:10:00Z");

    @ParameterizedTest
    @CsvSource({
        "0,0s",
        "119,119s",
        "120,2m",
        "200,3m20s",
        "600,10m",
        "10799,179m",
        "10800,3h",
        "18600,5h10m",
        "172799,47h",
        "172800,2d",
        "187200,2d4h",
        "31536000,365d",
        "63072000,2y",
        "-5,<invalid>"
    })
    void tellsDurationsAsPeopleDo(long seconds, String text) {
        assertThat(Durations.human(Duration.ofSeconds(seconds))).isEqualTo(text);
    }

    record Case(String name, String pod, String ready, String status, String restarts) {}

    static List<Case> pods() {
        return List.of(
                new Case(
                        "pending",
                        "{spec: {containers: [{name: a}]}, status: {phase: Pending}}",
                        "0/1",
                        "Pending",
                        "0"),
                new Case("running after a restart", """
                        spec: {containers: [{name: a}]}
                        status:
                          phase: Running
                          containerStatuses:
                          - name: a
                            ready: true
                            restartCount: 3
                            state: {running: {}}
                            lastState: {terminated: {finishedAt: "2026-01-01T00:05:00Z"}}
                        """, "1/1", "Running", "3 (5m ago)"),
                new Case("crash loop", """
                        spec: {containers: [{name: a}]}
                        status:
                          phase: Running
                          containerStatuses: [{name: a, restartCount: 1, state: {waiting: {reason: CrashLoopBackOff}}}]
                        """, "0/1", "CrashLoopBackOff", "1"),
                new Case("second of two init containers", """
                        spec: {containers: [{name: a}], initContainers: [{name: i}, {name: j}]}
                        status:
                          phase: Pending
                          initContainerStatuses:
                          - {name: i, state: {terminated: {exitCode: 0}}}
                          - {name: j, state: {running: {}}}
                        """, "0/1", "Init:1/2", "0"),
                new Case("ended badly", """
                        spec: {containers: [{name: a}]}
                        status: {phase: Failed, containerStatuses: [{name: a, state: {terminated: {exitCode: 3}}}]}
                        """, "0/1", "ExitCode:3", "0"),
                new Case("going", """
                        metadata: {deletionTimestamp: "2026-01-01T00:00:00Z"}
                        spec: {containers: [{name: a}]}
                        status: {phase: Running}
                        """, "0/1", "Terminating", "0"));
    }

    @ParameterizedTest
    @MethodSource("pods")
    void summarizesPods(Case given) {
        StoredKind kind = AllKinds.find("v1", "Pod");
        JsonNode pod = yaml(given.pod());
        assertThat(cell(kind, "Ready", pod)).isEqualTo(given.ready());
        assertThat(cell(kind, "Status", pod)).isEqualTo(given.status());
        assertThat(cell(kind, "Restarts", pod)).isEqualTo(given.restarts());
    }

    @Test
    void marksRowsOfPodsThatHaveEnded() {
        StoredKind kind = AllKinds.find("v1", "Pod");
        assertThat(kind.rowConditions(yaml("{status: {phase: Running}}"))).isEmpty();
        assertThat(kind.rowConditions(yaml("{status: {phase: Failed}}"))).containsExactly(yaml("""
                {type: Completed, status: "True", reason: Failed, message: The pod has completed its lifecycle}
                """));
    }

    private static Object cell(StoredKind kind, String column, JsonNode object) {
        return kind.columns().stream()
                .filter(c -> c.name().equals(column))
                .findFirst()
                .orElseThrow()
                .cell()
                .apply(object, NOW);
    }
}
