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
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
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

    private static final KindRef<ConfigMap> CONFIG_MAP = KindRef.of(ConfigMap.class, true);
    private static final String ACME = "insula-acme";
    private static final String BETA = "insula-beta";
    private static final Pattern IN_NAMESPACE = Pattern.compile("/namespaces/([^/]+)/");

    private final AtomicInteger asked = new AtomicInteger();
    private final Queue<String> paths = new ConcurrentLinkedQueue<>();
    private final Set<String> forbidden = ConcurrentHashMap.newKeySet();
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
                caches.open(ACME);
                await("asked again in spite of " + fault, () -> asked.get() > before + 2);
                assertThat(caches.areSynced(ACME)).as("with %s", fault).isFalse();
                assertThat(caches.awaited(ACME)).contains("VirtualMachineInstance", "ConfigMap");
            }

            discovery = 404;
            lists = 200;

            await("everything is known", () -> caches.areSynced(ACME));
            assertThat(caches.awaited(ACME)).isEmpty();
        }
    }

    /// Whoever decides before would take the host's machines for gone.
    @Test
    void decidesNothingWhileTheHostDoesNotSayWhatItServes() {
        lists = 200;
        try (var caches = new HostCaches(client, List.of(new Machines()), (_, _, _) -> {})) {
            caches.start();
            caches.open(ACME);
            await("the built-in kinds are listed", () -> !caches.awaited(ACME).contains("ConfigMap"));

            assertThat(caches.areSynced(ACME)).isFalse();

            discovery = 404;
            await("the host has said so", () -> caches.areSynced(ACME));
        }
    }

    /// What the syncer's credential cannot read is never asked for, and so need not be open to it.
    @Test
    void readsNothingButTheNamespacesOfTenants() {
        lists = 200;
        discovery = 200;
        try (var caches = new HostCaches(client, List.of(new Machines()), (_, _, _) -> {})) {
            caches.start();
            caches.open(ACME);
            caches.open(BETA);
            await("all is listed", () -> caches.areSynced(ACME) && caches.areSynced(BETA));
            await("machines too", () -> paths.stream().anyMatch(path -> path.contains(BETA + "/virtualmachine")));

            assertThat(paths)
                    .filteredOn(path -> !path.equals("/apis/kubevirt.io"))
                    .isNotEmpty()
                    .allMatch(path ->
                            path.contains("/namespaces/" + ACME + "/") || path.contains("/namespaces/" + BETA + "/"));
            assertThat(caches.list(CONFIG_MAP, ACME))
                    .extracting(map -> map.getMetadata().getName())
                    .containsExactly("of-" + ACME);
            assertThat(caches.get(CONFIG_MAP, ACME, "of-" + ACME)).isPresent();
            assertThat(caches.get(CONFIG_MAP, ACME, "of-" + BETA)).isEmpty();
        }
    }

    @Test
    void aNamespaceThatCannotBeReadHoldsNoOtherBack() {
        lists = 200;
        discovery = 404;
        forbidden.add(BETA);
        try (var caches = new HostCaches(client, List.of(new Machines()), (_, _, _) -> {})) {
            caches.start();
            caches.open(BETA);
            caches.open(ACME);

            await("the other is listed", () -> caches.areSynced(ACME));
            await("it is asked again and again", () -> asked(BETA) > 3);
            assertThat(caches.areSynced(BETA)).isFalse();
            assertThat(caches.awaited(BETA)).contains("ConfigMap");

            forbidden.clear();
            await("it is listed as soon as it is open", () -> caches.areSynced(BETA));
        }
    }

    @Test
    void knowsNothingOfANamespaceThatIsNotOpen() {
        lists = 200;
        discovery = 404;
        try (var caches = new HostCaches(client, List.of(new Machines()), (_, _, _) -> {})) {
            caches.start();
            caches.open(BETA);
            caches.open(ACME);
            await("both are listed", () -> caches.areSynced(ACME) && caches.areSynced(BETA));

            caches.close(BETA);

            assertThat(caches.areSynced(ACME)).isTrue();
            assertThat(caches.areSynced(BETA)).isFalse();
            assertThat(caches.awaited(BETA)).contains("ConfigMap");
            assertThat(caches.list(CONFIG_MAP, BETA)).isEmpty();
            long others = asked(ACME);
            await("what was under way has ended", () -> asked(ACME) > others + 2);
            long before = asked(BETA);
            await("the other is watched on", () -> asked(ACME) > others + 5);
            assertThat(asked(BETA)).isEqualTo(before);

            caches.open(BETA);
            await("it is listed anew", () -> caches.areSynced(BETA));
            assertThat(caches.list(CONFIG_MAP, BETA)).hasSize(1);
        }
    }

    private long asked(String namespace) {
        return paths.stream()
                .filter(path -> path.contains("/namespaces/" + namespace + "/"))
                .count();
    }

    private void answer(HttpExchange exchange) throws IOException {
        asked.incrementAndGet();
        var path = exchange.getRequestURI().getPath();
        paths.add(path);
        var found = IN_NAMESPACE.matcher(path);
        var namespace = found.find() ? found.group(1) : "";
        int code = path.equals("/apis/kubevirt.io") ? discovery : forbidden.contains(namespace) ? 403 : lists;
        var body = code == 200
                ? """
                        {"apiVersion": "v1", "kind": "ConfigMapList", "metadata": {"resourceVersion": "1"},
                         "items": [{"metadata": {"name": "of-%1$s", "namespace": "%1$s"}}]}
                        """.formatted(namespace)
                : "{\"apiVersion\":\"v1\",\"kind\":\"Status\",\"status\":\"Failure\",\"code\":" + code + "}";
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(code, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private static void await(String what, BooleanSupplier reached) {
        long deadline = System.nanoTime() + Duration.ofMinutes(3).toNanos();
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
