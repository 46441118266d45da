package io.insula.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.node.containerd.OwnContainerd;
import io.insula.node.containerd.TestContainerd;
import io.insula.node.runtime.Patience;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Stock kubectl, the oldest and the newest, and what it does with containers that really run: on the host, and in a
/// tenant over the host. The newest asks for WebSockets first.
@ExtendWith(TestContainerd.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Order(Integer.MAX_VALUE - 3)
class StreamsTest {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int MUCH = 50 * 1000 * 1000;

    private final StreamsClusters clusters;
    private final Path folder;

    StreamsTest(OwnContainerd containerd, @TempDir Path folder) throws Exception {
        this.clusters = new StreamsClusters(containerd);
        this.folder = folder;
    }

    static Stream<Arguments> callers() {
        return Stream.of("1.22", "1.35")
                .flatMap(release -> Stream.of("host", "acme").map(cluster -> Arguments.of(release, cluster)));
    }

    @BeforeAll
    void runPods() {
        clusters.run(
                "web",
                "{containers: [{name: main, image: IMAGE, command: [sh, -c, 'echo first; echo second;"
                        + " echo page > /tmp/index.html; exec httpd -f -p 8080 -h /tmp']}]}");
        clusters.runStranger("stranger");
        clusters.showNode();
    }

    @AfterAll
    void stop() {
        clusters.close();
    }

    @ParameterizedTest
    @MethodSource("callers")
    void readsLogs(String release, String cluster) {
        assertThat(kubectl(release, cluster, "logs", pod(cluster, "web")).ok()).isEqualTo("first\nsecond\n");
        assertThat(kubectl(release, cluster, "logs", "--tail=1", pod(cluster, "web"))
                        .ok())
                .isEqualTo("second\n");
        assertThat(kubectl(release, cluster, "logs", "--limit-bytes=3", pod(cluster, "web"))
                        .ok())
                .isEqualTo("fir");
        assertThat(kubectl(release, cluster, "logs", "--timestamps", pod(cluster, "web"))
                        .ok())
                .matches("(?s)20[^ ]+Z first\n20[^ ]+Z second\n");
        assertThat(kubectl(release, cluster, "logs", "--previous", pod(cluster, "web"))
                        .failed())
                .contains("previous terminated container \"main\" in pod \"" + pod(cluster, "web") + "\" not found");
    }

    @ParameterizedTest
    @MethodSource("callers")
    void followsLogs(String release, String cluster) {
        String name = "talk-" + release.replace(".", "") + cluster;
        clusters.run(
                name,
                "{restartPolicy: Never, containers: [{name: main, image: IMAGE, command: [sh, -c,"
                        + " 'for i in 1 2 3; do echo $i; sleep 0.3; done']}]}");
        assertThat(kubectl(release, cluster, "logs", "-f", pod(cluster, name)).ok())
                .isEqualTo("1\n2\n3\n");
    }

    @ParameterizedTest
    @MethodSource("callers")
    void runsCommandsToTheirExitCode(String release, String cluster) {
        Run run = kubectl(
                release, cluster, "exec", pod(cluster, "web"), "--", "sh", "-c", "echo out; echo err >&2; exit 7");
        assertThat(run.code()).isEqualTo(7);
        assertThat(run.out()).isEqualTo("out\n");
        assertThat(run.err()).startsWith("err\n").contains("exit code 7");
        assertThat(kubectl(release, cluster, "exec", pod(cluster, "web"), "--", "nothing-like-it")
                        .failed())
                .contains("nothing-like-it");
    }

    @ParameterizedTest
    @MethodSource("callers")
    void pipesMuchBothWays(String release, String cluster) throws Exception {
        Path much = folder.resolve("much");
        byte[] bytes = new byte[MUCH];
        new Random(1).nextBytes(bytes);
        Files.write(much, bytes);
        String digest =
                HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));

        var in = new ProcessBuilder(command(release, cluster, "exec", "-i", pod(cluster, "web"), "--", "md5sum"))
                .redirectInput(much.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(new String(in.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .startsWith(digest);

        Path back = folder.resolve("back");
        var both = new ProcessBuilder(command(release, cluster, "exec", "-i", pod(cluster, "web"), "--", "cat"))
                .redirectInput(much.toFile())
                .redirectOutput(back.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(both.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
        assertThat(Files.mismatch(much, back)).isEqualTo(-1);
    }

    @ParameterizedTest
    @MethodSource("callers")
    void givesATerminal(String release, String cluster) {
        String inner = String.join(
                " ", command(release, cluster, "exec", "-it", pod(cluster, "web"), "--", "sh", "-c", "'tty; exit 3'"));
        Run run = Run.of(List.of("script", "-q", "-e", "-c", inner, "/dev/null"), "", PATIENCE);
        assertThat(run.out()).contains("/dev/pts/");
        assertThat(run.code()).isEqualTo(3);
    }

    @ParameterizedTest
    @MethodSource("callers")
    void attaches(String release, String cluster) {
        String name = "reader-" + release.replace(".", "") + cluster;
        clusters.run(
                name,
                "{restartPolicy: Never, containers: [{name: main, image: IMAGE, stdin: true, stdinOnce: true,"
                        + " command: [sh, -c, 'read line; echo got $line; sleep 3']}]}");
        Run run = Run.of(command(release, cluster, "attach", "-i", pod(cluster, name)), "hello\n", PATIENCE);
        assertThat(run.out()).contains("got hello");
    }

    @ParameterizedTest
    @MethodSource("callers")
    void copies(String release, String cluster) throws IOException {
        Path file = Files.writeString(folder.resolve("copied"), "some words\n");
        String there = pod(cluster, "web") + ":/tmp/there-" + release + cluster;
        kubectl(release, cluster, "cp", file.toString(), there).ok();
        kubectl(release, cluster, "cp", there, folder.resolve("returned").toString())
                .ok();
        assertThat(folder.resolve("returned")).hasContent("some words\n");
    }

    @ParameterizedTest
    @MethodSource("callers")
    void forwardsPorts(String release, String cluster) throws Exception {
        Process forward = new ProcessBuilder(command(release, cluster, "port-forward", pod(cluster, "web"), ":8080"))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var out = new BufferedReader(new InputStreamReader(forward.getInputStream(), StandardCharsets.UTF_8));
                var client = HttpClient.newHttpClient()) {
            String said = out.readLine();
            assertThat(said).startsWith("Forwarding from 127.0.0.1:");
            int port = Integer.parseInt(said.replaceAll(".*127.0.0.1:([0-9]+) .*", "$1"));
            // one that says nothing, and one that half-closes, are in nobody's way
            try (var silent = new Socket(InetAddress.getLoopbackAddress(), port);
                    var half = new Socket(InetAddress.getLoopbackAddress(), port)) {
                half.getOutputStream().write("GET /index.html HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                half.shutdownOutput();
                assertThat(new String(half.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                        .endsWith("page\n");
                for (int i = 0; i < 20; i++) {
                    assertThat(client.send(
                                            HttpRequest.newBuilder(
                                                            URI.create("http://127.0.0.1:" + port + "/index.html"))
                                                    .timeout(PATIENCE)
                                                    .build(),
                                            HttpResponse.BodyHandlers.ofString())
                                    .body())
                            .isEqualTo("page\n");
                }
                assertThat(silent.isConnected()).isTrue();
            }
        } finally {
            forward.destroy();
            forward.waitFor();
        }
    }

    @ParameterizedTest
    @MethodSource("callers")
    void reachesAPodByTheApiServer(String release, String cluster) {
        String path = "/api/v1/namespaces/"
                + (cluster.equals("host") ? clusters.hostNamespace() : StreamsClusters.NAMESPACE) + "/pods/"
                + pod(cluster, "web") + ":8080/proxy";
        assertThat(kubectl(release, cluster, "get", "--raw", path + "/index.html")
                        .ok())
                .isEqualTo("page\n");
        assertThat(kubectl(release, cluster, "get", "--raw", path + "/nothing").failed())
                .contains("NotFound");
    }

    /// Of its own pods, in its own names: a tenant learns neither who else is on its node nor how busy they are.
    @ParameterizedTest
    @MethodSource("callers")
    void showsWhatPodsUse(String release, String cluster) {
        String web = pod(cluster, "web");
        Patience.until(
                "metrics of " + web,
                () -> kubectl(release, cluster, "top", "pod", web).code() == 0);
        assertThat(kubectl(release, cluster, "top", "pod", web).ok())
                .containsPattern("NAME +CPU\\(cores\\) +MEMORY\\(bytes\\)")
                .containsPattern(web + " +[0-9]+m +[0-9]+Mi");
        assertThat(kubectl(release, cluster, "top", "pod", web, "--containers").ok())
                .containsPattern(web + " +main +");
        Patience.until(
                "the stranger is busy",
                () -> millicores(kubectl("1.35", "host", "top", "node", "streams-0")
                                .ok())
                        >= 100);
        String node = kubectl(release, cluster, "top", "node").ok();
        String all = kubectl(release, cluster, "top", "pod", "--all-namespaces").ok();
        assertThat(node).contains("streams-0");
        if (cluster.equals("acme")) {
            assertThat(all).contains("web").doesNotContain("stranger", "insula-");
            assertThat(millicores(node)).isLessThan(100);
        } else {
            assertThat(all).contains("stranger");
        }
        assertThat(kubectl(release, cluster, "get", "apiservice", "v1beta1.metrics.k8s.io")
                        .ok())
                .contains("Local", "True");
        assertThat(kubectl(release, cluster, "top", "pod", "no-such-pod").failed())
                .contains("\"no-such-pod\" not found");
    }

    private static int millicores(String top) {
        return Integer.parseInt(top.replaceAll("(?s).*streams-0 +([0-9]+)m.*", "$1"));
    }

    /// The client is killed in the middle: the end is recorded, so nothing of the connection is left.
    @Test
    void aClientThatIsKilledLeavesNothingOpen() throws Exception {
        for (String release : List.of("1.22", "1.35")) {
            int ends = ends();
            Process exec = new ProcessBuilder(command(
                            release, "acme", "exec", pod("acme", "web"), "--", "sh", "-c", "echo go; sleep 1000"))
                    .start();
            try (var out = new BufferedReader(new InputStreamReader(exec.getInputStream(), StandardCharsets.UTF_8))) {
                assertThat(out.readLine()).isEqualTo("go");
            }
            exec.destroyForcibly().waitFor();
            Patience.until("the end is recorded", () -> ends() > ends);
        }
    }

    @Test
    void aConnectionEndsWithTheTenantsPod() throws Exception {
        clusters.run("short", "{containers: [{name: main, image: IMAGE, command: [sleep, '1000']}]}");
        Process exec = new ProcessBuilder(
                        command("1.35", "acme", "exec", "short", "--", "sh", "-c", "echo go; sleep 1000"))
                .start();
        try (var out = new BufferedReader(new InputStreamReader(exec.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(out.readLine()).isEqualTo("go");
            // the host pod is still there: the tenant's is what counts
            clusters.acmeClient()
                    .pods()
                    .inNamespace("default")
                    .withName("short")
                    .withGracePeriod(0)
                    .delete();
            assertThat(exec.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
        }
        assertThat(exec.exitValue()).isNotZero();
    }

    private int ends() {
        return (int) clusters.audited().stream()
                .filter(event -> event.path("stage").asText().equals("ResponseComplete")
                        && event.path("responseStatus").path("code").asInt() == 101)
                .count();
    }

    private String pod(String cluster, String name) {
        return cluster.equals("host") ? clusters.hostName(name) : name;
    }

    private Run kubectl(String release, String cluster, String... arguments) {
        return Run.of(command(release, cluster, arguments), "", PATIENCE);
    }

    private List<String> command(String release, String cluster, String... arguments) {
        var command = new ArrayList<>(List.of(
                ClientTools.kubectl(release).toString(),
                "--kubeconfig",
                clusters.kubeconfig(cluster).toString(),
                "--namespace",
                cluster.equals("host") ? clusters.hostNamespace() : StreamsClusters.NAMESPACE));
        command.addAll(List.of(arguments));
        return command;
    }
}
