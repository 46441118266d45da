package io.insula.tenantapi.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.audit.AuditSink;
import io.insula.tenantapi.http.HttpServerConfig;
import io.insula.tenantapi.http.TestPki;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// A server over TLS on a store that can be held, and clients of it.
final class ServiceFixture implements AutoCloseable {

    static final Duration DEADLINE = Duration.ofMinutes(3);

    private final TestPki pki;
    private final GatedStorage storage = new GatedStorage();
    private final List<ObjectNode> audited = new CopyOnWriteArrayList<>();
    private final TenantApiServer server;
    private final HttpClient admin;

    private final AtomicReference<AuditSink.@Nullable Unavailable> unrecordable = new AtomicReference<>();

    ServiceFixture(ServerComponents components, ServiceConfig service) {
        try {
            pki = new TestPki("CN=tenant-a");
            server = new TenantApiServer(
                    components,
                    ServerConfig.builder(storage, LocalServer.keys())
                            .http(HttpServerConfig.loopback(pki.serverTls()))
                            .auditSink(sink())
                            .service(service)
                            .build());
            server.start();
            admin = client("O=system:masters,CN=admin");
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /// From now on every audit event fails with this, for null none.
    void failAuditWith(AuditSink.@Nullable Unavailable failure) {
        unrecordable.set(failure);
    }

    private AuditSink sink() {
        return new AuditSink() {
            @Override
            public void accept(ObjectNode event) {
                requireTaking();
                audited.add(event);
            }

            @Override
            public void requireTaking() {
                AuditSink.Unavailable failure = unrecordable.get();
                if (failure != null) {
                    throw failure;
                }
            }
        };
    }

    GatedStorage storage() {
        return storage;
    }

    List<ObjectNode> audited() {
        return audited;
    }

    TenantApiServer server() {
        return server;
    }

    HttpClient admin() {
        return admin;
    }

    HttpClient client(String subject) {
        try {
            return HttpClient.newBuilder()
                    .sslContext(pki.clientContext(pki.client(subject)))
                    .connectTimeout(DEADLINE)
                    .build();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    HttpClient stranger() {
        try {
            return HttpClient.newBuilder().sslContext(pki.clientContext(null)).build();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    HttpRequest request(String method, String path, String body) {
        return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + server.port() + path))
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body))
                .header("Content-Type", method.equals("PATCH") ? "application/merge-patch+json" : "application/json")
                .timeout(DEADLINE)
                .build();
    }

    HttpResponse<String> send(HttpClient client, String method, String path, String body) {
        return sendAsync(client, method, path, body).join();
    }

    CompletableFuture<HttpResponse<String>> sendAsync(HttpClient client, String method, String path, String body) {
        return client.sendAsync(request(method, path, body), BodyHandlers.ofString());
    }

    HttpResponse<String> get(String path) {
        return send(admin, "GET", path, "");
    }

    /// Sends as the administrator, and reads the answer.
    JsonNode json(int status, String method, String path, String body) {
        HttpResponse<String> answer = send(admin, method, path, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return Json.parse(answer.body().getBytes(StandardCharsets.UTF_8));
    }

    /// Lets a user read config maps.
    void allow(String user) {
        json(201, "POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", """
                {"metadata": {"name": "allow-%s"},
                 "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
                 "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "%s"}]}
                """.formatted(user, user));
    }

    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("did not happen: " + what);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Override
    public void close() {
        storage.release();
        server.close();
    }
}
