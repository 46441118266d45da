package io.insula.node.agent;

import static io.insula.node.agent.TestNode.condition;
import static io.insula.node.agent.TestNode.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.insula.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.insula.node.containerd.OwnContainerd;
import io.insula.node.containerd.TestContainerd;
import io.insula.node.probe.TestServers;
import io.insula.node.runtime.Patience;
import io.insula.tenantapi.conformance.Conformance;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// What the node asks and tells real containers by HTTP, HTTPS and gRPC. Where busybox has no such server, the pod has
/// the machine's network and a server of the test's answers for it.
@ExtendWith(TestContainerd.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ProbesAndHooksTest {

    private static final String HOOKS =
            "[sig-node] Container Lifecycle Hook when create a pod with lifecycle hook should ";

    private final TestServers servers;
    private final TestNode node;

    ProbesAndHooksTest(OwnContainerd containerd) throws Exception {
        servers = new TestServers();
        node = new TestNode("probed", containerd, UnaryOperator.identity());
    }

    @AfterAll
    void stop() throws Exception {
        node.close();
        servers.close();
    }

    @Test
    void isReadyAsSoonAsItSaysSoByGrpcAndHttps() {
        node.create("asked", """
                {hostNetwork: true, terminationGracePeriodSeconds: 0, containers: [
                  {name: grpc, image: IMAGE, command: [sleep, '1000'], readinessProbe: {periodSeconds: 1, grpc: {port: %d, service: shop}}},
                  {name: https, image: IMAGE, command: [sleep, '1000'],
                   readinessProbe: {periodSeconds: 1, httpGet: {scheme: HTTPS, port: %d, path: /ready, httpHeaders: [{name: X-Own, value: said}]}}}]}
                """.formatted(servers.grpc(), servers.https()));
        Pod before =
                node.await("asked", p -> Boolean.TRUE.equals(status(p, "https").getReady()));
        assertThat(status(before, "grpc").getReady()).isFalse();
        assertThat(servers.heard())
                .anySatisfy(heard -> assertThat(heard.headers()).containsEntry("X-own", List.of("said")));

        servers.service("shop", ServingStatus.SERVING);
        node.awaitReady("asked");
        servers.service("shop", ServingStatus.NOT_SERVING);
        node.await("asked", p -> condition(p, "Ready").getStatus().equals("False"));
        assertThat(node.events("asked"))
                .contains("Unhealthy: Readiness probe failed: service unhealthy (responded with \"NOT_SERVING\")");
    }

    @Test
    void tellsByHttpThatAContainerStartsAndStops() {
        node.create("told", """
                {hostNetwork: true, terminationGracePeriodSeconds: 20, containers: [
                  {name: main, image: IMAGE, command: [sleep, '1000'], lifecycle: {
                    postStart: {httpGet: {port: %d, path: /hello, httpHeaders: [{name: X-Own, value: said}]}},
                    preStop: {httpGet: {scheme: HTTPS, port: %d, path: /bye}}}}]}
                """.formatted(servers.http(), servers.plain()));
        Pod pod = node.awaitReady("told");
        assertThat(servers.heard()).anySatisfy(heard -> {
            assertThat(heard.uri()).hasPath("/hello");
            assertThat(heard.headers())
                    .containsEntry("X-own", List.of("said"))
                    .containsEntry("User-agent", List.of("kube-lifecycle/1.34"));
        });

        node.client().resource(pod).delete();
        Patience.until(
                "the last words",
                () -> servers.heard().stream()
                        .anyMatch(heard -> heard.uri().getPath().equals("/bye")));
        Patience.until(
                "what became of TLS",
                () -> node.events("told")
                        .contains("LifecycleHTTPFallback: request to HTTPS lifecycle hook 127.0.0.1:" + servers.plain()
                                + " got HTTP response, retry with HTTP succeeded"));
    }

    @Test
    @Conformance(
            value = {
                HOOKS + "execute poststart exec hook properly [NodeConformance] [Conformance]",
                HOOKS + "execute poststart http hook properly [NodeConformance] [Conformance]",
                HOOKS + "execute prestop exec hook properly [NodeConformance] [Conformance]",
                HOOKS + "execute prestop http hook properly [NodeConformance] [Conformance]",
                "[sig-node] PreStop should call prestop when killing a pod [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void tellsByCommandAndByHttpThatAContainerStartsAndStops() {
        String exec = "{exec: {command: [wget, -q, -O, '-', --post-data=said, 'http://127.0.0.1:%d/exec-%s']}}";
        String http = "{httpGet: {port: %d, path: /http-%s}}";
        node.create("hooked", """
                {hostNetwork: true, terminationGracePeriodSeconds: 20, containers: [
                  {name: exec, image: IMAGE, command: [sleep, '1000'], lifecycle: {postStart: %s, preStop: %s}},
                  {name: http, image: IMAGE, command: [sleep, '1000'], lifecycle: {postStart: %s, preStop: %s}}]}
                """.formatted(
                        exec.formatted(servers.http(), "started"),
                        exec.formatted(servers.http(), "stopping"),
                        http.formatted(servers.http(), "started"),
                        http.formatted(servers.http(), "stopping")));
        Pod pod = node.awaitReady("hooked");
        assertThat(paths())
                .contains("/exec-started", "/http-started")
                .doesNotContain("/exec-stopping", "/http-stopping");
        node.client().resource(pod).delete();
        Patience.until("their last words", () -> paths().containsAll(List.of("/exec-stopping", "/http-stopping")));
    }

    private List<String> paths() {
        return servers.heard().stream().map(heard -> heard.uri().getPath()).toList();
    }

    /// To its own address, from its own port by name.
    @Test
    void tellsAPodAtItsOwnAddress() {
        node.create("own", """
                {terminationGracePeriodSeconds: 20, containers: [
                  {name: main, image: IMAGE, command: [sh, -c, 'mkdir /w; touch /w/alive; exec httpd -f -vv -p 8080 -h /w'],
                   ports: [{name: web, containerPort: 8080}],
                   readinessProbe: {periodSeconds: 1, tcpSocket: {port: web}},
                   livenessProbe: {periodSeconds: 1, failureThreshold: 1, exec: {command: [test, -f, /w/alive]}, initialDelaySeconds: 5},
                   lifecycle: {preStop: {httpGet: {port: web, path: /bye}}}}]}
                """);
        node.awaitReady("own");
        node.exec("own", "main", "rm /w/alive");
        node.await("own", p -> status(p, "main").getRestartCount() == 1);
        assertThat(node.log("own", "main")).contains("/bye");
    }

    @Test
    void startsAgainWhatCannotBeToldThatItStarted() {
        node.create("deaf", """
                {terminationGracePeriodSeconds: 0, containers: [
                  {name: main, image: IMAGE, command: [sleep, '1000'],
                   lifecycle: {postStart: {httpGet: {port: 8080, path: /secret}}}}]}
                """);
        node.await("deaf", p -> status(p, "main").getRestartCount() >= 1);
        assertThat(node.events("deaf"))
                .contains("FailedPostStartHook: PostStartHook failed", "Killing: FailedPostStartHook")
                .as("what the hook says is nobody's business")
                .noneMatch(event -> event.contains("secret"));
    }
}
