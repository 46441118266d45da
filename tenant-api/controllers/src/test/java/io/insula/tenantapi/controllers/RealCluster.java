package io.insula.tenantapi.controllers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.auth.ServiceAccountKeys;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.ports.ObjectClient.Query;
import io.insula.tenantapi.server.ServerComponents;
import io.insula.tenantapi.server.ServerConfig;
import io.insula.tenantapi.server.TenantApiServer;
import io.insula.tenantapi.storage.memory.InMemoryStorage;
import io.micronaut.context.ApplicationContext;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/// The real API server with every registered controller, in this process, over storage in memory. Each test takes a
/// namespace of its own. Waits have a deadline of thirty seconds.
public final class RealCluster implements AutoCloseable {

    private static final ApplicationContext BEANS = ApplicationContext.run();

    public final ObjectClient client;
    private final ExecutorService work = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("controller-", 0).factory());
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("controller-timer").factory());
    private final TenantApiServer server;
    private final ControllerManager manager;
    private final AtomicInteger namespaces = new AtomicInteger();

    private RealCluster(Clock clock, ClusterFacts facts, List<ControllerFactory> extra) {
        server = new TenantApiServer(
                BEANS.getBean(ServerComponents.class),
                ServerConfig.builder(new InMemoryStorage(), keys()).clock(clock).build());
        server.start();
        client = server.client();
        manager = BEANS.getBean(ControllerManagers.class)
                .start(
                        client,
                        new ControllerExecutors(work, timer),
                        clock,
                        facts.withTokens(ClusterFacts.SecretTokens.of(server.serviceAccountTokens())),
                        server.loopMetrics(),
                        extra);
        await("the controllers", manager::started);
    }

    /// Nobody schedules or runs pods: tests write their status themselves.
    public static RealCluster withoutNodes() {
        return withoutNodes(Clock.systemUTC());
    }

    public static RealCluster withoutNodes(Clock clock) {
        return withoutNodes(clock, List.of());
    }

    public static RealCluster withoutNodes(Clock clock, List<ControllerFactory> extra) {
        return new RealCluster(clock, facts(), extra);
    }

    public static RealCluster with(Clock clock, ClusterFacts facts) {
        return new RealCluster(clock, facts, List.of());
    }

    public static ClusterFacts facts() {
        return new ClusterFacts(ManagerFixture.ROOT_CA);
    }

    /// A new namespace that has its default service account.
    public String namespace() {
        String name = "test-" + namespaces.incrementAndGet();
        create(Resources.NAMESPACES, "", "{apiVersion: v1, kind: Namespace, metadata: {name: " + name + "}}");
        await("the account", () -> has(Resources.SERVICE_ACCOUNTS, name, "default"));
        return name;
    }

    public ObjectNode create(GroupVersionResource resource, String namespace, String yaml) {
        return client.create(resource, namespace, ManagerFixture.parse(yaml));
    }

    public ObjectNode patch(GroupVersionResource resource, String namespace, String name, String yaml) {
        return client.mergePatch(resource, namespace, name, "", ManagerFixture.parse(yaml));
    }

    public ObjectNode patchStatus(GroupVersionResource resource, String namespace, String name, String yaml) {
        return client.mergePatch(resource, namespace, name, "status", ManagerFixture.parse(yaml));
    }

    public void delete(GroupVersionResource resource, String namespace, String name) {
        client.delete(resource, namespace, name, Json.object());
    }

    public ObjectNode get(GroupVersionResource resource, String namespace, String name) {
        return find(resource, namespace, name)
                .orElseThrow(() -> new AssertionError(resource + " " + namespace + "/" + name + " is not there"));
    }

    public Optional<ObjectNode> find(GroupVersionResource resource, String namespace, String name) {
        return client.get(resource, namespace, name);
    }

    public boolean has(GroupVersionResource resource, String namespace, String name) {
        return find(resource, namespace, name).isPresent();
    }

    public List<ObjectNode> list(GroupVersionResource resource, String namespace) {
        return client.list(resource, namespace, Query.ALL).items();
    }

    /// The field at a JSON pointer; missing where object or field are not there.
    public JsonNode at(GroupVersionResource resource, String namespace, String name, String pointer) {
        return find(resource, namespace, name)
                .map(object -> object.at(pointer))
                .orElseGet(() -> Json.object().path("missing"));
    }

    public List<ObjectNode> pods(String namespace) {
        return list(Resources.PODS, namespace);
    }

    public List<String> podNames(String namespace) {
        return pods(namespace).stream().map(Meta::name).sorted().toList();
    }

    public boolean hasEvent(String namespace, String reason) {
        return list(Resources.EVENTS, namespace).stream()
                .anyMatch(event -> event.path("reason").asText().equals(reason));
    }

    /// A fence: objects that belong to nobody, of the kinds that are asked about most. When they are gone, the garbage
    /// collector's ten workers have judged all that happened before.
    public void awaitCollection(String namespace) {
        String owned = "metadata: {name: fence-%d, ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: nobody,"
                + " uid: 4a1e1c2e-0000-4000-8000-000000000000}]}";
        for (int i = 0; i < 20; i++) {
            create(
                    Resources.REPLICA_SETS,
                    namespace,
                    "{apiVersion: apps/v1, kind: ReplicaSet, " + owned.formatted(i) + ", spec: {replicas: 0, selector:"
                            + " {matchLabels: {fence: 'yes'}}, template: {metadata: {labels: {fence: 'yes'}}, spec:"
                            + " {containers: [{name: c, image: i}]}}}}");
            create(
                    Resources.PODS,
                    namespace,
                    "{apiVersion: v1, kind: Pod, " + owned.formatted(i)
                            + ", spec: {containers: [{name: c, image: i}]}}");
        }
        await(
                "the fence to go",
                () -> List.of(Resources.REPLICA_SETS, Resources.PODS).stream()
                        .flatMap(resource -> list(resource, namespace).stream())
                        .noneMatch(object -> Meta.name(object).startsWith("fence-")));
    }

    public static void await(String what, BooleanSupplier condition) {
        ManagerFixture.await(what, condition);
    }

    @Override
    public void close() {
        manager.close();
        server.close();
        work.close();
        timer.shutdownNow();
    }

    private static ServiceAccountKeys keys() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            KeyPair pair = generator.generateKeyPair();
            return new ServiceAccountKeys((ECPrivateKey) pair.getPrivate(), (ECPublicKey) pair.getPublic(), List.of());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
