package io.insula.tenantapi.controllers;

import static io.insula.tenantapi.conformance.TestServer.JSON;
import static io.insula.tenantapi.conformance.TestServer.STRATEGIC;
import static io.insula.tenantapi.conformance.TestServer.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.conformance.TestServer;
import io.insula.tenantapi.conformance.Watched;
import io.micronaut.context.ApplicationContext;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// The API server over HTTP, with etcd below and every registered controller at work, as a client outside sees it.
public final class ControlledServer implements AutoCloseable {

    private final ApplicationContext beans = ApplicationContext.run();
    private final ExecutorService work = Executors.newVirtualThreadPerTaskExecutor();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final AtomicInteger namespaces = new AtomicInteger();
    private final TestServer server = new TestServer();
    private final ControllerManager controllers;

    /// @param extra further controllers, such as nodes that run pods
    public ControlledServer(List<ControllerFactory> extra) {
        controllers = beans.getBean(ControllerManagers.class)
                .start(
                        server.local().server().client(),
                        new ControllerExecutors(work, timer),
                        Clock.systemUTC(),
                        RealCluster.facts(),
                        server.local().server().loopMetrics(),
                        extra);
        await("the controllers", controllers::started);
    }

    /// A new namespace that has its default service account.
    public String namespace() {
        String name = "life-" + namespaces.incrementAndGet();
        server.post("/api/v1/namespaces", "{metadata: {name: " + name + "}}");
        await("the account", () -> server.has("/api/v1/namespaces/" + name + "/serviceaccounts/default"));
        return name;
    }

    public TestServer http() {
        return server;
    }

    public JsonNode get(String path) {
        return server.get(path);
    }

    public JsonNode post(String path, String yaml) {
        return server.post(path, yaml);
    }

    public Watched watch(String path) {
        return server.watch(path);
    }

    public List<JsonNode> items(String path) {
        return server.get(path).path("items").valueStream().toList();
    }

    public JsonNode strategic(String path, String patch) {
        return server.json(200, server.request("PATCH", path, STRATEGIC, patch));
    }

    /// Changes what it reads and puts it back, anew where somebody has written in between.
    public JsonNode replace(String path, Consumer<ObjectNode> change) {
        while (true) {
            ObjectNode object = server.get(path).deepCopy();
            change.accept(object);
            var answer = server.send(server.raw("PUT", path, JSON, Json.bytes(object)));
            if (answer.statusCode() != 409) {
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                return Json.parse(answer.body().getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    /// @param path of an object or a collection
    /// @param options `DeleteOptions`, may be empty
    public void delete(String path, String options) {
        server.json(200, server.request("DELETE", path, JSON, options));
    }

    @Override
    public void close() {
        controllers.close();
        server.close();
        timer.shutdownNow();
        work.close();
        beans.close();
    }
}
