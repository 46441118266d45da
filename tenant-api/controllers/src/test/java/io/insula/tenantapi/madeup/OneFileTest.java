package io.insula.tenantapi.madeup;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.controllers.ClusterFacts;
import io.insula.tenantapi.controllers.ControllerExecutors;
import io.insula.tenantapi.controllers.ControllerManager;
import io.insula.tenantapi.controllers.ControllerManagers;
import io.insula.tenantapi.server.LocalServer;
import io.insula.tenantapi.server.ServerComponents;
import io.insula.tenantapi.storage.memory.InMemoryStorage;
import io.micronaut.context.ApplicationContext;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Each of these is one class that nothing names, and a server has it, over the wire as clients see it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OneFileTest {

    private static final Duration DEADLINE = Duration.ofMinutes(3);
    private static final String TOYS = "/apis/toys.example.com/v1/namespaces/default/toys";

    private final ApplicationContext beans = ApplicationContext.run("made-up");
    private final ExecutorService work = Executors.newVirtualThreadPerTaskExecutor();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final LocalServer server;
    private final ControllerManager controllers;
    private final HttpClient client;

    OneFileTest() throws Exception {
        server = new LocalServer(beans.getBean(ServerComponents.class), new InMemoryStorage(), 0);
        client = HttpClient.newBuilder()
                .sslContext(server.pki().clientContext(server.admin()))
                .build();
        controllers = beans.getBean(ControllerManagers.class)
                .start(
                        server.server().client(),
                        new ControllerExecutors(work, timer),
                        Clock.systemUTC(),
                        new ClusterFacts("ca"),
                        server.server().loopMetrics(),
                        List.of());
    }

    @BeforeAll
    void awaitTheNamespace() {
        await(
                "the namespace",
                () -> send("GET", "/api/v1/namespaces/default", "").statusCode() == 200);
    }

    @AfterAll
    void stop() {
        controllers.close();
        client.shutdownNow();
        server.close();
        timer.shutdownNow();
        work.shutdownNow();
        beans.close();
    }

    @Test
    void servesAKindThatOneClassAdds() {
        var listed = json(200, send("GET", "/apis/toys.example.com/v1", ""));
        assertThat(listed.path("resources").findValuesAsText("name")).containsExactly("toys");
        assertThat(json(200, send("GET", "/openapi/v3/apis/toys.example.com/v1", ""))
                        .path("paths")
                        .has("/apis/toys.example.com/v1/namespaces/{namespace}/toys"))
                .isTrue();

        json(201, send("POST", TOYS, toy("car", 4)));
        assertThat(json(200, send("GET", TOYS + "/car", "")).path("wheels").asInt())
                .isEqualTo(4);
        assertThat(json(422, send("POST", TOYS, toy("broken", -1)))
                        .path("message")
                        .asText())
                .contains("wheels", "must not be negative");
        json(200, send("DELETE", TOYS + "/car", ""));
        json(404, send("GET", TOYS + "/car", ""));
    }

    @Test
    void asksAPluginThatOneClassAddsAndThePluginTheAuthorizer() {
        allow("child", "create");
        assertThat(json(403, send("POST", TOYS, toy("bomb", 0), "Impersonate-User", "child"))
                        .path("message")
                        .asText())
                .contains("this is no toy");
        json(404, send("GET", TOYS + "/bomb", ""));

        allow("soldier", "create", "arm");
        json(201, send("POST", TOYS, toy("bomb", 0), "Impersonate-User", "soldier"));
    }

    @Test
    void runsAControllerThatOneClassAdds() {
        json(201, send("POST", TOYS, toy("ball", 0)));

        await(
                "the ball is red",
                () -> json(200, send("GET", TOYS + "/ball", ""))
                        .path("colour")
                        .asText()
                        .equals("red"));
    }

    private static String toy(String name, int wheels) {
        return """
                {"apiVersion": "toys.example.com/v1", "kind": "Toy", "metadata": {"name": "%s"}, "wheels": %d}
                """.formatted(name, wheels);
    }

    /// Lets a user do this with toys.
    private void allow(String user, String... verbs) {
        String rbac = "/apis/rbac.authorization.k8s.io/v1";
        json(201, send("POST", rbac + "/clusterroles", """
                {"metadata": {"name": "%s"},
                 "rules": [{"apiGroups": ["toys.example.com"], "resources": ["toys"], "verbs": ["%s"]}]}
                """.formatted(user, String.join("\", \"", verbs))));
        json(201, send("POST", rbac + "/clusterrolebindings", """
                {"metadata": {"name": "%1$s"},
                 "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "%1$s"},
                 "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "%1$s"}]}
                """.formatted(user)));
    }

    private HttpResponse<String> send(String method, String path, String body, String... headers) {
        var request = HttpRequest.newBuilder(
                        URI.create("https://127.0.0.1:" + server.server().port() + path))
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .header("Content-Type", "application/json")
                .timeout(DEADLINE);
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return client.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static JsonNode json(int status, HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return Json.parse(answer.body().getBytes(StandardCharsets.UTF_8));
    }

    private static void await(String what, java.util.function.BooleanSupplier condition) {
        long end = System.nanoTime() + DEADLINE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited for " + what).isLessThan(end);
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }
}
