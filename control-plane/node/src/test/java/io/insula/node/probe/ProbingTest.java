package io.insula.node.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.insula.node.probe.ProbeResult.Failure;
import io.insula.node.probe.ProbeResult.Success;
import io.insula.node.probe.ProbeResult.Unknown;
import io.insula.node.runtime.ContainerId;
import io.insula.node.runtime.ContainerRuntime;
import io.insula.node.runtime.RuntimeFailure;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ProbingTest {

    private final TestServers servers;

    ProbingTest() throws Exception {
        servers = new TestServers();
    }

    @AfterEach
    void stop() {
        servers.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/|true|",
                "/status/204|true|",
                "/status/399|true|",
                "/status/400|false|HTTP probe failed with statuscode: 400",
                "/status/503|false|HTTP probe failed with statuscode: 503",
                "/to?/status/200|true|",
                "/to?/status/500|false|HTTP probe failed with statuscode: 500",
                "/to?http://other.example/|true|Probe terminated redirects"
            })
    void judgesByTheAnswer(String path, boolean good, String message) {
        String said = message == null ? "" : message;
        for (String scheme : List.of("HTTP", "HTTPS")) {
            int port = scheme.equals("HTTP") ? servers.http() : servers.https();
            assertThat(ask("{httpGet: {scheme: %s, port: %d, path: '%s'}}".formatted(scheme, port, path)))
                    .as(scheme)
                    .isEqualTo(good ? new Success(said) : new Failure(said));
        }
    }

    @Test
    void saysWhoItIsAndWhatItIsToldToSay() {
        ask("""
                {httpGet: {port: %d, path: 'a b?c=ä#d', httpHeaders: [
                  {name: Host, value: shop.example}, {name: X-Own, value: one}, {name: X-Own, value: two}, {name: Content-Length, value: '9'}]}}
                """.formatted(servers.http()));
        ask("{httpGet: {port: %d, httpHeaders: [{name: User-Agent, value: me}, {name: accept, value: ''}]}}"
                .formatted(servers.http()));

        TestServers.Heard first = servers.heard().getFirst();
        assertThat(first.uri().getRawPath()).isEqualTo("/a%20b");
        assertThat(first.uri().getRawQuery()).isEqualTo("c=%C3%A4");
        assertThat(first.headers())
                .containsEntry("Host", List.of("shop.example"))
                .containsEntry("X-own", List.of("one", "two"))
                .containsEntry("User-agent", List.of("kube-probe/1.34"))
                .containsEntry("Accept", List.of("*/*"))
                .doesNotContainKey("Content-length");
        assertThat(servers.heard().get(1).headers())
                .containsEntry("User-agent", List.of("me"))
                .containsEntry("Host", List.of("127.0.0.1:" + servers.http()))
                .doesNotContainKey("Accept");
    }

    /// A header that is two lines would be two headers, or two requests.
    @ParameterizedTest
    @ValueSource(strings = {"a\\r\\nX-More: b", "a\\n", "\\u0000"})
    void sendsNoHeaderThatIsMoreThanOne(String value) {
        ProbeResult result = ask(
                "{httpGet: {port: %d, httpHeaders: [{name: X-Own, value: \"%s\"}]}}".formatted(servers.http(), value));
        assertThat(result).isEqualTo(new Unknown("net/http: invalid header field value for \"X-Own\""));
        assertThat(servers.heard()).isEmpty();
    }

    @Test
    void sendsNoPathThatIsMoreThanOne() {
        ask("{httpGet: {port: %d, path: \"/ HTTP/1.1\\r\\nX-More: b\"}}".formatted(servers.http()));
        assertThat(servers.heard().getFirst().uri().getRawPath()).isEqualTo("/%20HTTP/1.1%0D%0AX-More:%20b");
        assertThat(servers.heard().getFirst().headers()).doesNotContainKey("X-more");
    }

    @Test
    void findsPortsByName() {
        Container container =
                container("{name: main, ports: [{name: web, containerPort: %d}]}".formatted(servers.http()));
        assertThat(probing(runtime(0)).ask(probe("{httpGet: {port: web}}"), container, id(), "127.0.0.1"))
                .isEqualTo(new Success(""));
        assertThat(probing(runtime(0)).ask(probe("{tcpSocket: {port: web}}"), container, id(), "127.0.0.1"))
                .isEqualTo(new Success(""));
        assertThat(ask("{httpGet: {port: none}}"))
                .isEqualTo(new Unknown("strconv.Atoi: parsing \"none\": invalid syntax"));
        assertThat(ask("{tcpSocket: {port: '70000'}}")).isEqualTo(new Unknown("invalid port number: 70000"));
    }

    @Test
    void saysInGosWordsThatNobodyAnswers() throws IOException {
        int free;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        assertThat(ask("{httpGet: {port: %d, path: /x}}".formatted(free)))
                .isEqualTo(new Failure("Get \"http://127.0.0.1:" + free + "/x\": dial tcp 127.0.0.1:" + free
                        + ": connect: connection refused"));
        assertThat(ask("{tcpSocket: {port: %d}}".formatted(free)))
                .isEqualTo(new Failure("dial tcp 127.0.0.1:" + free + ": connect: connection refused"));
        assertThat(ask("{grpc: {port: %d}}".formatted(free)))
                .isInstanceOfSatisfying(
                        Failure.class,
                        failure -> assertThat(failure.message())
                                .startsWith("error: failed to connect service at \"127.0.0.1:" + free + "\""));
        assertThat(ask("{httpGet: {scheme: HTTPS, port: %d}}".formatted(servers.plain())))
                .isEqualTo(new Failure("Get \"https://127.0.0.1:" + servers.plain()
                        + "/\": http: server gave HTTP response to HTTPS client"));
    }

    /// Somebody who says something forever, so that no wait for a part of it ever ends.
    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 100 Continue\r\n\r\n", ""})
    void leavesWhoDripsOrFloods(String answer) throws Exception {
        try (var listener = new ServerSocket(0, 9, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().name("dripping server").start(() -> drip(listener, answer));
            Instant begin = Instant.now();
            ProbeResult result = ask("{timeoutSeconds: 2, httpGet: {port: %d}}".formatted(listener.getLocalPort()));
            assertThat(result).isInstanceOf(Failure.class);
            assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofMinutes(1));
        }
    }

    private static void drip(ServerSocket listener, String answer) {
        try (Socket socket = listener.accept()) {
            OutputStream out = socket.getOutputStream();
            out.write(answer.getBytes(StandardCharsets.UTF_8));
            while (true) {
                out.write((answer.startsWith("HTTP/1.1 1") ? answer : "y").getBytes(StandardCharsets.UTF_8));
                out.flush();
            }
        } catch (IOException e) {
            // as it should
        }
    }

    @Test
    void asksByGrpc() {
        servers.service("", ServingStatus.SERVING);
        servers.service("shop", ServingStatus.NOT_SERVING);

        assertThat(ask("{grpc: {port: %d}}".formatted(servers.grpc()))).isEqualTo(new Success(""));
        assertThat(ask("{grpc: {port: %d, service: shop}}".formatted(servers.grpc())))
                .isEqualTo(new Failure("service unhealthy (responded with \"NOT_SERVING\")"));
        assertThat(ask("{grpc: {port: %d, service: none}}".formatted(servers.grpc())))
                .isEqualTo(new Failure("error: health rpc probe failed: unknown service"));
        assertThat(ask("{grpc: {port: %d}}".formatted(servers.http()))).isInstanceOf(Failure.class);
    }

    @Test
    void blamesNoContainerForARuntimeThatDoesNotAnswer() {
        Probe probe = probe("{exec: {command: [true]}}");
        Container main = container("{name: main}");
        assertThat(probing(runtime(2)).ask(probe, main, id(), "127.0.0.1")).isEqualTo(new Success(""));
        assertThat(probing(runtime(3)).ask(probe, main, id(), "127.0.0.1")).isEqualTo(new Unknown("gone"));
    }

    private ProbeResult ask(String probe) {
        return probing(runtime(0)).ask(probe(probe), container("{name: main}"), id(), "127.0.0.1");
    }

    private static Probing probing(ContainerRuntime runtime) {
        return new Probing(runtime);
    }

    private static ContainerId id() {
        return new ContainerId("c");
    }

    private static Probe probe(String yaml) {
        return Serialization.unmarshal("---\n" + yaml, Probe.class);
    }

    private static Container container(String yaml) {
        return Serialization.unmarshal("---\n" + yaml, Container.class);
    }

    /// Commands succeed, after so many calls that do not get through.
    private static ContainerRuntime runtime(int failures) {
        int[] left = {failures};
        return (ContainerRuntime) Proxy.newProxyInstance(
                ContainerRuntime.class.getClassLoader(), new Class<?>[] {ContainerRuntime.class}, (_, method, _) -> {
                    if (!method.getName().equals("exec")) {
                        throw new UnsupportedOperationException(method.getName());
                    }
                    if (left[0]-- > 0) {
                        throw new RuntimeFailure.Unavailable("gone", new IOException());
                    }
                    return new io.insula.node.runtime.ExecResult(0, new byte[0], new byte[0]);
                });
    }
}
