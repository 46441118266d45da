package io.insula.tenantapi.controllers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.metrics.LoopMetrics;
import io.insula.tenantapi.metrics.MetricRegistry;
import io.insula.tenantapi.ports.ObjectClient.Query;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// A manager running some controllers on a [FakeApi]. Waits have a deadline of thirty seconds.
public final class ManagerFixture implements AutoCloseable {

    public static final String ROOT_CA = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final Duration LIMIT = Duration.ofMinutes(3);

    public final FakeApi api = new FakeApi(Clock.systemUTC());
    private final ExecutorService work = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("controller-", 0).factory());
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("controller-timer").factory());
    private final ControllerManager manager;

    public ManagerFixture(ControllerFactory... factories) {
        this(List.of(factories));
    }

    public ManagerFixture(List<ControllerFactory> factories) {
        api.create(Resources.NAMESPACES, "", parse("{metadata: {name: default}, spec: {}}"));
        manager = new ControllerManagers(factories)
                .start(
                        api,
                        new ControllerExecutors(work, timer),
                        Clock.systemUTC(),
                        new ClusterFacts(ROOT_CA),
                        new LoopMetrics(new MetricRegistry()),
                        List.of());
        await("the controllers to start", manager::started);
    }

    /// YAML, so that tests may write flow mappings without quotes.
    public static ObjectNode parse(String yaml) {
        try {
            JsonNode tree = YAML.readTree(yaml);
            return (ObjectNode) Json.MAPPER.readTree(Json.bytes(tree));
        } catch (IOException e) {
            throw new UncheckedIOException(yaml, e);
        }
    }

    public ObjectNode create(GroupVersionResource resource, String namespace, String yaml) {
        return api.create(resource, namespace, parse(yaml));
    }

    public List<ObjectNode> list(GroupVersionResource resource, String namespace) {
        return api.list(resource, namespace, Query.ALL).items();
    }

    public ObjectNode get(GroupVersionResource resource, String namespace, String name) {
        return api.get(resource, namespace, name)
                .orElseThrow(() -> new AssertionError(resource + " " + namespace + "/" + name + " is not there"));
    }

    public boolean has(GroupVersionResource resource, String namespace, String name) {
        return api.get(resource, namespace, name).isPresent();
    }

    public static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited for " + what).isLessThan(end);
            LockSupport.parkNanos(5_000_000);
        }
    }

    @Override
    public void close() {
        manager.close();
        api.close();
        work.close();
        timer.shutdownNow();
    }
}
