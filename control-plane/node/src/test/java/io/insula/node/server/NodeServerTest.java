package io.insula.node.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.node.pod.Labels;
import io.insula.node.runtime.Container;
import io.insula.node.runtime.Container.State.Running;
import io.insula.node.runtime.ContainerId;
import io.insula.node.runtime.ContainerRuntime;
import io.insula.node.runtime.ContainerUsage;
import io.insula.node.runtime.SandboxId;
import io.insula.tenantapi.http.TestPki;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who gets what of a node, and who nothing; streams are tried with a real runtime elsewhere.
class NodeServerTest {

    private final TestPki pki = new TestPki("CN=node");
    private final NodeServer server;

    NodeServerTest(@TempDir Path folder) throws Exception {
        Path log = Files.writeString(folder.resolve("0.log"), "2026-01-01T00:00:01Z stdout F said\n");
        var container = new Container(
                new ContainerId("id-1"),
                new SandboxId("s"),
                "main",
                0,
                new Running(Instant.parse("2026-01-01T00:00:00Z")),
                "image",
                "",
                Instant.EPOCH,
                Map.of(),
                Map.of(),
                Optional.of(log));
        Pod pod = Serialization.unmarshal("""
                {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":"shop","uid":"u1"},
                 "spec":{"containers":[{"name":"main"},{"name":"later"}]},
                 "status":{"containerStatuses":[
                   {"name":"main","state":{"running":{"startedAt":"2026-01-01T00:00:00Z"}}},
                   {"name":"later","state":{"waiting":{"reason":"ImagePullBackOff"}}}]}}""", Pod.class);
        var one = new NodePods.NodePod(pod, Optional.of(new SandboxId("s")), List.of(container));
        NodePods pods = new NodePods() {
            @Override
            public Optional<NodePod> find(String namespace, String name) {
                return namespace.equals("shop") && name.equals("web") ? Optional.of(one) : Optional.empty();
            }

            @Override
            public List<NodePod> all() {
                return List.of(one);
            }
        };
        server = new NodeServer(
                new NodeServing("127.0.0.1", 0, pki.serverTls()),
                "n1",
                pods,
                runtime(),
                (asker, verb, subresource) -> asker.name().equals("api")
                        || (asker.groups().contains("scrapers")
                                && verb.equals("get")
                                && subresource.equals("metrics")));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void answersNobodyWithoutACertificateOfItsAuthority() throws Exception {
        // of the same name, so that clients show what it has issued
        var others = new TestPki("CN=node");
        for (String path : List.of("/pods", "/healthz", "/containerLogs/shop/web/main", "/stats/summary", "/nothing")) {
            assertThat(get(pki.clientContext(null), path).statusCode()).as(path).isEqualTo(401);
            assertThat(get(pki.clientContext(others.client("CN=api")), path).statusCode())
                    .as(path)
                    .isEqualTo(401);
        }
    }

    @Test
    void answersOnlyWhoMayAndOnlyWhatTheyMay() throws Exception {
        var scraper = pki.clientContext(pki.client("O=scrapers,CN=scraper"));
        assertThat(get(scraper, "/metrics/resource").statusCode()).isEqualTo(200);
        for (String path : List.of("/pods", "/containerLogs/shop/web/main", "/stats/summary", "/exec/shop/web/main")) {
            HttpResponse<String> answer = get(scraper, path);
            assertThat(answer.statusCode()).as(path).isEqualTo(403);
            assertThat(answer.body()).contains("user=scraper");
        }
        // a shell is no reading, whatever the method
        assertThat(get(scraper, "/exec/shop/web/main?command=sh&output=1").body())
                .contains("verb=create");
    }

    @Test
    void readsLogs() throws Exception {
        assertThat(api("/containerLogs/shop/web/main").body()).isEqualTo("said\n");
        assertThat(api("/containerLogs/shop/web/main?sinceSeconds=" + Long.MAX_VALUE)
                        .body())
                .isEqualTo("said\n");
        assertRefused(404, "pod \"nope\" does not exist", "/containerLogs/shop/nope/main");
        assertRefused(404, "container \"nope\" not found in pod \"web\"", "/containerLogs/shop/web/nope");
        assertRefused(
                400,
                "container \"later\" in pod \"web\" is waiting to start: ImagePullBackOff",
                "/containerLogs/shop/web/later");
        assertRefused(400, "previous terminated container", "/containerLogs/shop/web/main?previous=true");
        assertRefused(422, "tailLines: \"-1\" (expected: a number >= 0)", "/containerLogs/shop/web/main?tailLines=-1");
        assertRefused(422, "sinceTime: \"noon\"", "/containerLogs/shop/web/main?sinceTime=noon");
        assertRefused(422, "stream: \"x\"", "/containerLogs/shop/web/main?stream=x");
    }

    @Test
    void findsNoFileBesideItsLogs() throws Exception {
        for (String path : List.of(
                "/containerLogs/shop/web/..%2f..%2f..%2fetc%2fpasswd",
                "/containerLogs/shop/..%2fweb/main",
                "/containerLogs/shop/web/main/..",
                "/logs/",
                "/logs/../../etc/passwd",
                "/containerLogs/shop/web/")) {
            assertThat(api(path).statusCode()).as(path).isEqualTo(404);
        }
    }

    @Test
    void refusesStreamsThatAreNone() throws Exception {
        assertRefused(400, "at least 1 of stdin, stdout, stderr", "/exec/shop/web/main?command=sh");
        assertRefused(400, "Upgrade request required", "/exec/shop/web/main?command=sh&output=1");
        assertRefused(500, "container not found (\"later\")", "/exec/shop/web/later?command=sh&output=1");
        assertRefused(404, "pod does not exist", "/attach/shop/nope/main?output=1");
        assertRefused(404, "pod does not exist", "/exec/shop/web/another-uid/main?command=sh&output=1");
    }

    @Test
    void tellsWhatIsUsed() throws Exception {
        var summary = Serialization.unmarshal(api("/stats/summary").body(), Map.class);
        assertThat(summary.toString())
                .contains("nodeName=n1", "usageCoreNanoSeconds=2500000000", "workingSetBytes=1000", "name=web");
        assertThat(api("/metrics/resource").body())
                .contains(
                        "container_cpu_usage_seconds_total{container=\"main\",namespace=\"shop\",pod=\"web\"} 2.500000000\n",
                        "pod_memory_working_set_bytes{namespace=\"shop\",pod=\"web\"} 1000\n",
                        "node_memory_working_set_bytes 1000\n");
        assertThat(api("/pods").body()).contains("\"kind\":\"PodList\"", "\"name\":\"web\"");
        assertThat(api("/healthz").body()).isEqualTo("ok");
    }

    private void assertRefused(int status, String words, String path) throws Exception {
        HttpResponse<String> answer = api(path);
        assertThat(answer.body()).as(path).contains(words);
        assertThat(answer.statusCode()).as(path).isEqualTo(status);
    }

    private HttpResponse<String> api(String path) throws Exception {
        return get(pki.clientContext(pki.client("CN=api")), path);
    }

    private HttpResponse<String> get(javax.net.ssl.SSLContext context, String path)
            throws IOException, InterruptedException {
        try (var client = HttpClient.newBuilder().sslContext(context).build()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + server.port() + path))
                            .timeout(Duration.ofMinutes(3))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    /// Knows what its one container uses, and nothing else.
    private static ContainerRuntime runtime() {
        return (ContainerRuntime) Proxy.newProxyInstance(
                ContainerRuntime.class.getClassLoader(), new Class<?>[] {ContainerRuntime.class}, (_, method, _) -> {
                    if (method.getName().equals("usage")) {
                        return List.of(new ContainerUsage(
                                new ContainerId("id-1"),
                                "main",
                                Map.of(Labels.POD_UID, "u1"),
                                Instant.parse("2026-01-01T00:00:05Z"),
                                2_500_000_000L,
                                1000,
                                2000,
                                500,
                                10,
                                1));
                    }
                    throw new UnsupportedOperationException(method.getName());
                });
    }
}
