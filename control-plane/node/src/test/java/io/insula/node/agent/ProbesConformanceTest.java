package io.insula.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.insula.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.insula.node.probe.TestServers;
import io.insula.node.runtime.Patience;
import io.insula.tenantapi.conformance.Conformance;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// What becomes of containers that are asked how they are, as upstream's conformance tests look at it. Upstream watches
/// for minutes what is asked every ten seconds; here it is asked every second, and as often.
@ExtendWith(SharedNode.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ProbesConformanceTest {

    private static final String NODE = " [NodeConformance] [Conformance]";
    private static final String PROBING = "[sig-node] Probing container ";

    /// As often as upstream's tests see the answer in the four minutes that they watch.
    private static final int OFTEN = 24;

    private final TestNode node;
    private final TestServers servers;

    ProbesConformanceTest(TestNode node) throws Exception {
        this.node = node;
        servers = new TestServers();
    }

    @BeforeAll
    void runPods() {
        servers.service("kept", ServingStatus.SERVING);
        servers.service("restarted", ServingStatus.NOT_SERVING);
        String every = "periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 1";
        node.create("probes-kept", """
                {terminationGracePeriodSeconds: 0, containers: [
                 {name: command, image: IMAGE, command: [sh, -c, 'echo ok > /tmp/health; exec sleep 10000'],
                  livenessProbe: {%1$s, exec: {command: [sh, -c, 'echo >> /tmp/asked; cat /tmp/health']}}},
                 {name: http, image: IMAGE, command: [sh, -c, 'echo ok > /tmp/index.html; exec httpd -f -vv -p 8080 -h /tmp 2> /tmp/asked'],
                  livenessProbe: {%1$s, httpGet: {path: /, port: 8080}}},
                 {name: tcp, image: IMAGE, command: [nc, -ll, -p, '8081', -e, sh, -c, 'echo >> /tmp/asked'],
                  livenessProbe: {%1$s, tcpSocket: {port: 8081}}},
                 {name: never-ready, image: IMAGE, command: [sleep, '10000'],
                  readinessProbe: {periodSeconds: 1, exec: {command: [sh, -c, 'echo >> /tmp/asked; false']}}}]}
                """.formatted(every));
        node.create("probes-restarted", """
                {terminationGracePeriodSeconds: 0, containers: [
                 {name: command, image: IMAGE, command: [sh, -c, 'echo ok > /tmp/health; sleep 2; rm /tmp/health; exec sleep 10000'],
                  livenessProbe: {%1$s, initialDelaySeconds: 3, exec: {command: [cat, /tmp/health]}}},
                 {name: http, image: IMAGE, command: [httpd, -f, -p, '8080', -h, /tmp],
                  livenessProbe: {%1$s, initialDelaySeconds: 1, httpGet: {path: /healthz, port: 8080}}}]}
                """.formatted(every));
        node.create("probes-grpc", """
                {terminationGracePeriodSeconds: 0, hostNetwork: true, containers: [
                 {name: kept, image: IMAGE, command: [sleep, '10000'], livenessProbe: {%1$s, grpc: {port: %2$d, service: kept}}},
                 {name: restarted, image: IMAGE, command: [sleep, '10000'], livenessProbe: {%1$s, grpc: {port: %2$d, service: restarted}}}]}
                """.formatted(every, servers.grpc()));
        node.create("probes-later", """
                {terminationGracePeriodSeconds: 0, containers: [
                 {name: main, image: IMAGE, command: [httpd, -f, -p, '80', -h, /bin],
                  readinessProbe: {initialDelaySeconds: 10, periodSeconds: 1, httpGet: {path: /busybox, port: 80}}}]}
                """);
    }

    @AfterAll
    void end() {
        node.end("probes-kept", "probes-restarted", "probes-grpc", "probes-later");
        servers.close();
    }

    private int restarts(String pod, String container) {
        return TestNode.status(node.get(pod), container).getRestartCount();
    }

    private void awaitAsked(String container) {
        Patience.until(
                container + " to be asked often",
                () -> node.exec("probes-kept", container, "cat /tmp/asked")
                                .lines()
                                .count()
                        >= OFTEN);
    }

    @Test
    @Conformance(
            value = {
                PROBING + "should *not* be restarted with a exec \"cat /tmp/health\" liveness probe" + NODE,
                PROBING + "should *not* be restarted with a /healthz http liveness probe" + NODE,
                PROBING + "should *not* be restarted with a tcp:8080 liveness probe" + NODE
            },
            weaker = Conformance.NOTHING)
    void leavesWhatIsWell() {
        for (String container : List.of("command", "http", "tcp")) {
            awaitAsked(container);
            assertThat(restarts("probes-kept", container)).isZero();
        }
    }

    @Test
    @Conformance(
            value = {
                PROBING + "should *not* be restarted with a GRPC liveness probe" + NODE,
                PROBING + "should be restarted with a GRPC liveness probe" + NODE
            },
            weaker = Conformance.NOTHING)
    void asksByGrpc() {
        node.await("probes-grpc", pod -> TestNode.status(pod, "restarted").getRestartCount() >= 1);
        Patience.until("kept to be asked often", () -> servers.asked("kept") >= OFTEN);
        assertThat(restarts("probes-grpc", "kept")).isZero();
    }

    @Test
    @Conformance(
            value = {
                PROBING + "should be restarted with a exec \"cat /tmp/health\" liveness probe" + NODE,
                PROBING + "should be restarted with a /healthz http liveness probe" + NODE
            },
            weaker = Conformance.NOTHING)
    void restartsWhatIsIll() {
        node.await(
                "probes-restarted",
                pod -> TestNode.status(pod, "command").getRestartCount() >= 1
                        && TestNode.status(pod, "http").getRestartCount() >= 1);
        assertThat(node.events("probes-restarted"))
                .contains("Killing: Container command failed liveness probe, will be restarted");
    }

    @Test
    @Conformance(
            value = PROBING + "should have monotonically increasing restart count" + NODE,
            weaker = "sees five restarts; ours three, as each waits twice as long as the one before")
    void countsRestartsUpwards() {
        var seen = new ArrayList<Integer>();
        node.await("probes-restarted", pod -> {
            seen.add(TestNode.status(pod, "http").getRestartCount());
            return seen.getLast() >= 3;
        });
        assertThat(seen).isSorted();
    }

    @Test
    @Conformance(
            value = PROBING + "with readiness probe should not be ready before initial delay and never restart" + NODE,
            weaker = Conformance.NOTHING)
    void isNotReadyBeforeItIsAsked() {
        Pod pod = node.awaitReady("probes-later");
        Instant started = Instant.parse(
                TestNode.status(pod, "main").getState().getRunning().getStartedAt());
        Instant ready = Instant.parse(TestNode.condition(pod, "Ready").getLastTransitionTime());
        assertThat(Duration.between(started, ready)).isGreaterThanOrEqualTo(Duration.ofSeconds(10));
        assertThat(restarts("probes-later", "main")).isZero();
    }

    @Test
    @Conformance(
            value = PROBING + "with readiness probe that fails should never be ready and never restart" + NODE,
            weaker = Conformance.NOTHING)
    void isNeverReadyWhereItNeverSaysSo() {
        Patience.until("never-ready to be asked often", () -> {
            assertThat(TestNode.condition(node.get("probes-kept"), "Ready").getStatus())
                    .isNotEqualTo("True");
            return TestNode.isRunning(node.get("probes-kept"), "never-ready")
                    && node.exec("probes-kept", "never-ready", "touch /tmp/asked; cat /tmp/asked")
                                    .lines()
                                    .count()
                            >= OFTEN;
        });
        Pod pod = node.get("probes-kept");
        assertThat(TestNode.status(pod, "never-ready").getReady()).isFalse();
        assertThat(TestNode.status(pod, "command").getReady()).isTrue();
        assertThat(restarts("probes-kept", "never-ready")).isZero();
    }
}
