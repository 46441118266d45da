package io.insula.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.tenantapi.conformance.Conformance;
import io.insula.tenantapi.conformance.TestServer;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Upstream's conformance tests that drive kubectl, against the API server alone.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Order(3)
final class KubectlConformanceTest {

    private static final Pattern SERVING = Pattern.compile("Starting to serve on 127\\.0\\.0\\.1:(\\d+)");
    private static final String FOO = """
            {description: Foo CRD for Testing, type: object, properties: {spec: {type: object, description:
             Specification of Foo, properties: {bars: {description: List of Bars and their specs., type: array, items:
             {type: object, required: [name], properties: {name: {description: Name of Bar., type: string}, age:
             {description: Age of Bar., type: string}, feeling: {type: string, enum: [Great, Down]}, bazs: {description:
             List of Bazs., items: {type: string}, type: array}}}}}}}}""";

    @TempDir
    private static Path folder;

    private TestServer server;
    private Kubectl kubectl;

    @BeforeAll
    void start() throws IOException {
        server = new TestServer();
        server.post("/api/v1/namespaces/default/serviceaccounts", "{metadata: {name: default}}");
        Path kubeconfig = folder.resolve("kubeconfig");
        server.local().writeKubeconfig(kubeconfig);
        kubectl = Kubectl.with(kubeconfig);
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @Test
    @Conformance(
            value = {
                "[sig-cli] Kubectl client Kubectl api-versions should check if v1 is in available api versions [Conformance]",
                "[sig-cli] Kubectl client Kubectl version should check is all data is printed [Conformance]",
                "[sig-cli] Kubectl client Kubectl cluster-info should check if Kubernetes control plane services is included in"
                        + " cluster-info [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void tellsOfTheCluster() {
        assertThat(kubectl.ok("api-versions").lines()).contains("v1");
        assertThat(kubectl.ok("version")).contains("Client Version: ", "Server Version: ");
        assertThat(kubectl.ok("cluster-info")).contains("Kubernetes control plane", "is running at");
    }

    @Test
    @Conformance(
            value = "[sig-cli] Kubectl client Kubectl run pod should create a pod from an image when restart is Never"
                    + " [Conformance]",
            weaker = Conformance.NOTHING)
    void runsAPod() {
        kubectl.ok("run e2e-test-httpd-pod --restart=Never --image=httpd:2.4");
        assertThat(kubectl.ok(
                        "get pod e2e-test-httpd-pod -o jsonpath={.spec.containers[0].image}{.spec.restartPolicy}"))
                .isEqualTo("httpd:2.4Never");
        kubectl.ok("delete pod e2e-test-httpd-pod");
    }

    @Test
    @Conformance(
            value =
                    "[sig-cli] Kubectl client Kubectl server-side dry-run should check if kubectl can dry-run update Pods"
                            + " [Conformance]",
            weaker = Conformance.NOTHING)
    void triesAnUpdate() {
        kubectl.ok("run dry --image=httpd:2.4 --labels=run=dry");
        assertThat(kubectl.ok(
                        "patch pod dry -p {\"spec\":{\"containers\":[{\"name\":\"dry\",\"image\":\"busybox:1\"}]}}"
                                + " --dry-run=server -o jsonpath={.spec.containers[0].image}"))
                .isEqualTo("busybox:1");
        assertThat(kubectl.ok("get pod dry -o jsonpath={.spec.containers[0].image}"))
                .isEqualTo("httpd:2.4");
        kubectl.ok("delete pods dry");
    }

    @Test
    @Conformance(
            value =
                    "[sig-cli] Kubectl client Kubectl diff should check if kubectl diff finds a difference for Deployments"
                            + " [Conformance]",
            weaker = Conformance.NOTHING)
    void findsADifference() {
        String deployment = """
                {apiVersion: apps/v1, kind: Deployment, metadata: {name: httpd-deployment}, spec: {selector: {matchLabels:
                 {app: httpd}}, template: {metadata: {labels: {app: httpd}}, spec: {containers: [{name: httpd, image:
                 "httpd:2.4"}]}}}}""";
        kubectl.runWith(deployment, "create", "-f", "-").ok();
        Run diff = kubectl.runWith(deployment.replace("httpd:2.4", "busybox:1"), "diff", "-f", "-");
        assertThat(diff.code()).isEqualTo(1);
        assertThat(diff.out()).contains("httpd:2.4", "busybox:1");
        kubectl.runWith(deployment, "delete", "-f", "-").ok();
    }

    @Test
    @Conformance(
            value = "[sig-cli] Kubectl client Proxy server should support proxy with --port 0 [Conformance]",
            weaker = Conformance.NOTHING)
    void proxiesAPort() throws Exception {
        try (var proxy = kubectl.start("proxy", "-p", "0", "--disable-filter");
                // it takes the offer of h2c, which Java's client makes, for a wish to upgrade
                var http = HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .build()) {
            TestServer.await("the proxy", () -> SERVING.matcher(proxy.out()).find());
            Matcher serving = SERVING.matcher(proxy.out());
            assertThat(serving.find()).isTrue();
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + serving.group(1) + "/api/"))
                    .timeout(Duration.ofSeconds(30))
                    .build();
            assertThat(http.send(request, BodyHandlers.ofString()).body()).contains("\"versions\"");
        }
    }

    @Test
    @Conformance(
            value = "[sig-cli] Kubectl client Proxy server should support --unix-socket=/path [Conformance]",
            weaker = Conformance.NOTHING)
    void proxiesASocket() throws Exception {
        Path socket = Files.createTempDirectory("insula-proxy").resolve("test");
        try (var proxy = kubectl.start("proxy", "--unix-socket=" + socket)) {
            TestServer.await("the proxy", () -> Files.exists(socket));
            try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                channel.connect(UnixDomainSocketAddress.of(socket));
                channel.write(ByteBuffer.wrap(
                        "GET /api/ HTTP/1.0\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.UTF_8)));
                var answer = ByteBuffer.allocate(64 * 1024);
                while (channel.read(answer) >= 0) {
                    // until it is closed
                }
                assertThat(new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8))
                        .contains("\"versions\"");
            }
            assertThat(proxy.process().isAlive()).isTrue();
        } finally {
            Files.deleteIfExists(socket);
            Files.delete(socket.getParent());
        }
    }

    private static String object(String group, String kind, String rest) {
        return "{\"kind\":\"%s\",\"apiVersion\":\"%s/v1\",\"metadata\":{\"name\":\"test\"}%s}"
                .formatted(kind, group, rest);
    }

    private void createsAndApplies(String group, String plural, String object) {
        for (String verb : new String[] {"create", "apply"}) {
            kubectl.runWith(object, verb, "-f", "-").ok();
            kubectl.ok("delete " + plural + "." + group + " test");
        }
    }

    @Test
    @Conformance(
            value =
                    "[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for CRD with validation"
                            + " schema [Conformance]",
            weaker = Conformance.NOTHING)
    void knowsTheSchemaOfACustomResource() {
        String group = "k1.example.com";
        server.define(group, "e2efoos", "E2eFoo", "Namespaced", FOO, "v1");
        createsAndApplies(group, "e2efoos", object(group, "E2eFoo", ",\"spec\":{\"bars\":[{\"name\":\"test-bar\"}]}"));
        for (String verb : new String[] {"create", "apply"}) {
            assertThat(refused(verb, group, "{\"bars\":[{\"name\":\"b\",\"feeling\":\"NonExistentValue\"}]}"))
                    .contains("Unsupported value: \"NonExistentValue\"");
            assertThat(refused(verb, group, "{\"foo\":true}")).containsPattern("unknown field \"(spec\\.)?foo\"");
            assertThat(refused(verb, group, "{\"bars\":[{\"age\":\"10\"}]}"))
                    .contains("spec.bars[0].name: Required value");
        }
        assertThat(kubectl.ok("explain e2efoos"))
                .contains("Foo CRD for Testing", "APIVersion defines", "Specification of Foo");
        assertThat(kubectl.ok("explain e2efoos.metadata"))
                .contains("Standard object's metadata", "CreationTimestamp is a timestamp");
        assertThat(kubectl.ok("explain e2efoos.spec")).contains("bars", "<[]Object>", "List of Bars and their specs");
        assertThat(kubectl.ok("explain e2efoos.spec.bars")).contains("<[]string>", "List of Bazs", "Name of Bar");
        assertThat(kubectl.run("explain", "e2efoos.spec.bars2").failed()).contains("field \"bars2\" does not exist");
    }

    private String refused(String verb, String group, String spec) {
        return kubectl.runWith(object(group, "E2eFoo", ",\"spec\":" + spec), verb, "-f", "-")
                .failed();
    }

    @Test
    @Conformance(
            value = {
                "[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for CRD without validation schema"
                        + " [Conformance]",
                "[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for CRD preserving unknown fields"
                        + " at the schema root [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void takesAnythingWhereTheRootPreservesUnknownFields() {
        String group = "k2.example.com";
        server.define(
                group,
                "e2eroots",
                "E2eRoot",
                "Namespaced",
                "{type: object, x-kubernetes-preserve-unknown-fields: true}",
                "v1");
        createsAndApplies(group, "e2eroots", object(group, "E2eRoot", ",\"a\":{\"b\":[{\"c\":\"d\"}]}"));
        assertThat(kubectl.ok("explain e2eroots")).contains("E2eRoot").containsPattern("(?s)DESCRIPTION:.*<empty>");
    }

    @Test
    @Conformance(
            value =
                    "[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for CRD preserving"
                            + " unknown fields in an embedded object [Conformance]",
            weaker = Conformance.NOTHING)
    void takesAnythingWhereAFieldPreservesUnknownFields() {
        String group = "k3.example.com";
        server.define(group, "e2enesteds", "E2eNested", "Namespaced", """
                {description: preserve-unknown-properties in nested field for Testing, type: object, properties: {spec:
                 {description: Specification of Waldo, type: object, x-kubernetes-preserve-unknown-fields: true, properties:
                 {dummy: {description: Dummy property., type: object}}}}}""", "v1");
        createsAndApplies(
                group, "e2enesteds", object(group, "E2eNested", ",\"spec\":{\"a\":null,\"b\":[{\"c\":\"d\"}]}"));
        assertThat(kubectl.ok("explain e2enesteds"))
                .contains("preserve-unknown-properties in nested field for Testing");
    }
}
