package io.insula.syncer.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A host that is slow, overloaded or broken while the syncer starts: that is no reason to fail.
class HostCachesTest {

    private static final KindRef<GenericKubernetesResource> MACHINE = new KindRef<>(
            GenericKubernetesResource.class,
            "kubevirt.io",
            "v1",
            "VirtualMachineInstance",
            "virtualmachineinstances",
            true);

    private final AtomicInteger asked = new AtomicInteger();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile int discovery = 500;
    private volatile int lists = 500;
    private HttpServer server = unset();
    private KubernetesClient client = unset();

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
        client = new KubernetesClientBuilder()
                .withConfig(Connections.direct(new ConfigBuilder(Config.empty())
                        .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                        .build()))
                .build();
    }

    @AfterEach
    void stop() {
        client.close();
        server.stop(0);
        threads.shutdownNow();
    }

    @Test
    void startsAgainstAHostThatFailsForAWhile() {
        try (var caches = new HostCaches(client, List.of(new Machines()), (_, _, _) -> {})) {
            for (int fault : new int[] {500, 429, 503}) {
                discovery = fault;
                lists = fault;
                int before = asked.get();
                caches.start();
                await("asked again in spite of " + fault, () -> asked.get() > before + 2);
                assertThat(caches.areSynced()).as("with %s", fault).isFalse();
                assertThat(caches.awaited()).contains("VirtualMachineInstance", "ConfigMap");
            }

            discovery = 404;
            lists = 200;

            await("everything is known", caches::areSynced);
            assertThat(caches.awaited()).isEmpty();
        }
    }

    /// Whoever decides before would take the host's machines for gone.
    @Test
    void decidesNothingWhileTheHostDoesNotSayWhatItServes() {
        lists = 200;
        try (var caches = new HostCaches(client, List.of(new Machines()), (_, _, _) -> {})) {
            caches.start();
            await("the built-in kinds are listed", () -> !caches.awaited().contains("ConfigMap"));

            assertThat(caches.areSynced()).isFalse();

            discovery = 404;
            await("the host has said so", caches::areSynced);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        asked.incrementAndGet();
        boolean isDiscovery = exchange.getRequestURI().getPath().equals("/apis/kubevirt.io");
        int code = isDiscovery ? discovery : lists;
        var body = code == 200
                ? "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMapList\",\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[]}"
                : "{\"apiVersion\":\"v1\",\"kind\":\"Status\",\"status\":\"Failure\",\"code\":" + code + "}";
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(code, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private static void await(String what, BooleanSupplier reached) {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!reached.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }

    private static final class Machines implements Syncer<ConfigMap> {
        @Override
        public SyncSpec<ConfigMap> spec() {
            var kind = KindRef.of(ConfigMap.class, true);
            return new SyncSpec<>(
                    kind,
                    SyncSpec.Direction.TENANT_TO_HOST,
                    true,
                    List.of(kind, MACHINE),
                    Map.of(SyncSpec.resource(kind), Set.of("get")));
        }

        @Override
        public List<Change> decide(SyncEvent<ConfigMap> event, TenantView view) {
            return List.of();
        }
    }

    /// Set before every test.
    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
    private static <T> T unset() {
        return null;
    }
}
