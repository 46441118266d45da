package io.insula.controlplane.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.controllers.ClusterFacts;
import io.insula.tenantapi.controllers.ControllerExecutors;
import io.insula.tenantapi.controllers.ControllerManager;
import io.insula.tenantapi.controllers.ControllerManagers;
import io.insula.tenantapi.fake.FakeObjectClient;
import io.insula.tenantapi.metrics.LoopMetrics;
import io.insula.tenantapi.metrics.MetricRegistry;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.ports.ObjectClient.Query;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Our controllers and an upstream controller manager, which keeps to the Lease.
final class ClusterControllersTest {

    private static final GroupVersionResource LEASES = new GroupVersionResource("coordination.k8s.io", "v1", "leases");
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final FakeObjectClient client = new FakeObjectClient();
    private final ExecutorService work = Executors.newVirtualThreadPerTaskExecutor();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final AtomicInteger starts = new AtomicInteger();
    private final ClusterControllers controllers = new ClusterControllers(
            this::start,
            new LeaderLease(client, Clock.systemUTC()),
            work,
            timer,
            new NodeLeases(client, Clock.systemUTC())::beat);

    @AfterEach
    void stop() {
        controllers.close();
        work.shutdownNow();
        timer.shutdownNow();
    }

    @Test
    void runsOursByTheLeaseThatUpstreamAsksFor() {
        assertThat(controllers.areSettled())
                .as("nobody has said what is wanted")
                .isFalse();

        controllers.run(true);
        controllers.run(true);

        assertThat(starts).hasValue(1);
        assertThat(controllers.areSettled()).isTrue();
        assertThatCode(controllers::requireWorking).doesNotThrowAnyException();
        ObjectNode lease = lease();
        assertThat(lease.at("/spec/holderIdentity").asText()).isEqualTo("insula");
        assertThat(Duration.ofSeconds(lease.at("/spec/leaseDurationSeconds").asLong()))
                .as("an idle tenant is not to be written to")
                .isGreaterThanOrEqualTo(Duration.ofMinutes(30));
        assertThat(Instant.parse(lease.at("/spec/renewTime").asText()))
                .isBetween(Instant.now().minus(PATIENCE), Instant.now().plusSeconds(1));
    }

    @Test
    void endsOursAndGivesTheLeaseUpForOthers() {
        controllers.run(true);

        controllers.run(false);

        assertThat(controllers.areSettled()).as("others are to do it").isTrue();
        assertThat(lease().at("/spec/holderIdentity").asText()).isEmpty();
        assertThatThrownBy(controllers::requireWorking).hasMessageContaining("no controller manager holds its lease");

        client.update(LEASES, "kube-system", "", heldBy("upstream", 15));
        assertThatCode(controllers::requireWorking).doesNotThrowAnyException();

        client.update(LEASES, "kube-system", "", heldBy("", 1));
        controllers.run(true);
        assertThat(starts).as("ours again").hasValue(2);
        assertThat(lease().at("/spec/leaseTransitions").asLong()).isGreaterThan(0);
    }

    /// A node lifecycle controller of the tenant's would take all nodes for lost.
    @Test
    void tellsOthersThatTheNodesAreAliveAsFarAsTheHostSaysSo() {
        node("well", "True");
        node("ill", "False");
        node("lost", "Unknown");

        controllers.run(true);
        assertThat(client.list(LEASES, "kube-node-lease", Query.ALL).items())
                .as("nobody reads them")
                .isEmpty();

        controllers.run(false);

        assertThat(client.list(LEASES, "kube-node-lease", Query.ALL).items())
                .extracting(
                        lease -> lease.at("/metadata/name").asText(),
                        lease -> lease.at("/metadata/ownerReferences/0/name").asText())
                .containsExactlyInAnyOrder(tuple("well", "well"), tuple("ill", "ill"));
        Instant first = renewed("well");
        new NodeLeases(client, Clock.offset(Clock.systemUTC(), Duration.ofSeconds(20))).beat();
        assertThat(renewed("well")).isAfter(first);
    }

    private void node(String name, String ready) {
        client.create(
                new GroupVersionResource("", "v1", "nodes"), "", FakeObjectClient.yaml("""
                apiVersion: v1
                kind: Node
                metadata: {name: %s}
                status: {conditions: [{type: Ready, status: '%s'}]}
                """.formatted(name, ready)));
    }

    private Instant renewed(String node) {
        return Instant.parse(client.get(LEASES, "kube-node-lease", node)
                .orElseThrow()
                .at("/spec/renewTime")
                .asText());
    }

    @Test
    void waitsWhileSomebodyElseWorksAndTakesOverAfterwards() {
        client.create(LEASES, "kube-system", heldBy("upstream", 3600));

        controllers.run(true);

        assertThat(starts).hasValue(0);
        assertThat(controllers.areSettled()).as("the cluster has controllers").isTrue();
        assertThatCode(controllers::requireWorking).doesNotThrowAnyException();
        assertThat(lease().at("/spec/holderIdentity").asText()).isEqualTo("upstream");

        client.update(LEASES, "kube-system", "", heldBy("", 1));
        await(() -> starts.get() == 1);
        assertThat(lease().at("/spec/holderIdentity").asText()).isEqualTo("insula");
    }

    /// A holder that died says nothing.
    @Test
    void takesALeaseThatHasRunOut() {
        client.create(LEASES, "kube-system", heldBy("upstream", -60));

        controllers.run(true);

        assertThat(starts).hasValue(1);
    }

    /// Controllers delete what makes room in it again.
    @Test
    void worksOnAStoreThatTakesNoWritesWhereItHeldTheLeaseBefore() {
        var full = new LeaderLease(withoutUpdates(), Clock.systemUTC());
        client.create(LEASES, "kube-system", heldBy("", 1));
        assertThatThrownBy(full::hold).hasMessageContaining("no space");

        client.update(LEASES, "kube-system", "", heldBy("insula", -60));
        assertThat(full.hold()).isTrue();
        client.update(LEASES, "kube-system", "", heldBy("upstream", 60));
        assertThat(full.hold()).isFalse();
    }

    private ObjectClient withoutUpdates() {
        return (ObjectClient) Proxy.newProxyInstance(
                ObjectClient.class.getClassLoader(), new Class<?>[] {ObjectClient.class}, (_, method, arguments) -> {
                    if (method.getName().equals("update")) {
                        throw ApiException.unavailable("no space");
                    }
                    return method.invoke(client, arguments);
                });
    }

    private ControllerManager start() {
        starts.incrementAndGet();
        return new ControllerManagers(List.of())
                .start(
                        client,
                        new ControllerExecutors(work, timer),
                        Clock.systemUTC(),
                        new ClusterFacts("ca"),
                        new LoopMetrics(new MetricRegistry()),
                        List.of());
    }

    private ObjectNode lease() {
        return client.get(LEASES, "kube-system", "kube-controller-manager").orElseThrow();
    }

    private static ObjectNode heldBy(String holder, int seconds) {
        return FakeObjectClient.yaml("""
                apiVersion: coordination.k8s.io/v1
                kind: Lease
                metadata: {name: kube-controller-manager, namespace: kube-system}
                spec: {holderIdentity: '%s', leaseDurationSeconds: %d, renewTime: '%s'}
                """.formatted(holder, seconds, Instant.now()));
    }

    private static void await(BooleanSupplier reached) {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!reached.getAsBoolean()) {
            assertThat(Instant.now()).isBefore(deadline);
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }
}
