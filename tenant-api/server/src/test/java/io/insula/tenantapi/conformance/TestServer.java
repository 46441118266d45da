package io.insula.tenantapi.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.insula.rules.network.AddressBlock;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.egress.EgressPolicy;
import io.insula.tenantapi.http.TestPki;
import io.insula.tenantapi.server.LocalServer;
import io.insula.tenantapi.server.ServerComponents;
import io.insula.tenantapi.server.ServerConfig;
import io.insula.tenantapi.storage.etcd.EtcdConfig;
import io.insula.tenantapi.storage.etcd.EtcdProcess;
import io.insula.tenantapi.storage.etcd.EtcdStorage;
import io.micronaut.context.ApplicationContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// The real server over TLS on a real etcd, without controllers, and its administrator as a client. Bodies are YAML in
/// tests and JSON on the wire. Each test takes a namespace of its own, so that one server is enough for a class.
public final class TestServer implements AutoCloseable {

    public static final String JSON = "application/json";
    public static final String MERGE = "application/merge-patch+json";
    public static final String STRATEGIC = "application/strategic-merge-patch+json";
    public static final String JSON_PATCH = "application/json-patch+json";
    public static final String APPLY = "application/apply-patch+yaml";

    private static final Duration DEADLINE = Duration.ofMinutes(3);
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    private final ApplicationContext beans = ApplicationContext.run();
    private final Path folder;
    private final EtcdProcess etcd;
    private final EtcdStorage storage;
    private final LocalServer server;
    private final HttpClient admin;
    private final AtomicInteger namespaces = new AtomicInteger();

    public TestServer() {
        this(config -> config);
    }

    private TestServer(UnaryOperator<ServerConfig.Builder> settings) {
        try {
            folder = Files.createTempDirectory("insula-etcd");
            etcd = EtcdProcess.start(folder);
            storage = new EtcdStorage(EtcdConfig.plain(etcd.endpoint()));
            server = new LocalServer(beans.getBean(ServerComponents.class), storage, 0, settings);
            admin = client(server.admin());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /// One that tells its clients of this address.
    static TestServer advertising(String address, int port) {
        return new TestServer(config -> config.advertise(address, port));
    }

    /// One that may dial loopback, where webhooks of tests listen.
    static TestServer diallingLoopback() {
        return new TestServer(
                config -> config.egress(EgressPolicy.CLOSED.opening(List.of(AddressBlock.of("127.0.0.0/8")))));
    }

    public EtcdStorage storage() {
        return storage;
    }

    public LocalServer local() {
        return server;
    }

    /// A client with this certificate.
    public HttpClient client(TestPki.Identity identity) {
        try {
            return HttpClient.newBuilder()
                    .sslContext(server.pki().clientContext(identity))
                    .connectTimeout(DEADLINE)
                    .build();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /// A client that shows no certificate.
    public HttpClient stranger() {
        try {
            return HttpClient.newBuilder()
                    .sslContext(server.pki().clientContext(null))
                    .connectTimeout(DEADLINE)
                    .build();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    public HttpClient admin() {
        return admin;
    }

    /// A new namespace with its default service account, which no controller makes here.
    public String namespace() {
        String name = "test-" + namespaces.incrementAndGet();
        post("/api/v1/namespaces", "{metadata: {name: " + name + "}}");
        post("/api/v1/namespaces/" + name + "/serviceaccounts", "{metadata: {name: default}}");
        return name;
    }

    /// @param yaml may be empty
    public HttpRequest.Builder request(String method, String path, String type, String yaml) {
        return raw(method, path, type, yaml.isEmpty() ? new byte[0] : Json.bytes(tree(yaml)));
    }

    public HttpRequest.Builder raw(String method, String path, String type, byte[] body) {
        return HttpRequest.newBuilder(
                        URI.create("https://127.0.0.1:" + server.server().port() + path))
                .method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body))
                .header("Content-Type", type)
                .header("Accept", JSON)
                .timeout(DEADLINE);
    }

    public HttpResponse<String> send(HttpRequest.Builder request) {
        return send(admin, request);
    }

    public HttpResponse<String> send(HttpClient client, HttpRequest.Builder request) {
        try {
            return client.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /// Sends as the administrator and reads the answer, which must have this status.
    public JsonNode json(int status, HttpRequest.Builder request) {
        HttpResponse<String> answer = send(request);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return Json.parse(answer.body().getBytes(StandardCharsets.UTF_8));
    }

    public JsonNode get(String path) {
        return json(200, request("GET", path, JSON, ""));
    }

    public JsonNode post(String path, String yaml) {
        return json(201, request("POST", path, JSON, yaml));
    }

    public JsonNode put(String path, JsonNode object) {
        return json(200, raw("PUT", path, JSON, Json.bytes(object)));
    }

    public JsonNode patch(String path, String yaml) {
        return json(200, request("PATCH", path, MERGE, yaml));
    }

    public JsonNode delete(String path) {
        return json(200, request("DELETE", path, JSON, ""));
    }

    /// A `Status` of this code.
    public JsonNode refused(int code, HttpRequest.Builder request) {
        JsonNode status = json(code, request);
        assertThat(status.path("kind").asText()).isEqualTo("Status");
        assertThat(status.path("code").asInt()).isEqualTo(code);
        return status;
    }

    public boolean has(String path) {
        return send(request("GET", path, JSON, "")).statusCode() == 200;
    }

    /// @param path of a collection, with its query or none
    public Watched watch(String path) {
        return Watched.open(this, path);
    }

    /// A custom resource's definition with one version per name, all with one schema, the first one stored.
    public JsonNode define(String group, String plural, String kind, String scope, String schema, String... versions) {
        var list = new StringBuilder();
        for (String version : versions) {
            list.append("{name: %s, served: true, storage: %s, schema: {openAPIV3Schema: %s}}, "
                    .formatted(version, list.isEmpty(), schema));
        }
        return post(
                "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                "{metadata: {name: %s.%s}, spec: {group: %s, scope: %s, names: {plural: %s, kind: %s}, versions: [%s]}}"
                        .formatted(plural, group, group, scope, plural, kind, list));
    }

    public static ObjectNode tree(String yaml) {
        return (ObjectNode) any(yaml);
    }

    static JsonNode any(String yaml) {
        try {
            return Json.MAPPER.readTree(Json.bytes(YAML.readTree(yaml)));
        } catch (IOException e) {
            throw new UncheckedIOException(yaml, e);
        }
    }

    public static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + DEADLINE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited for " + what).isLessThan(end);
            LockSupport.parkNanos(5_000_000);
        }
    }

    @Override
    public void close() {
        admin.shutdownNow();
        server.close();
        beans.close();
        etcd.close();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
