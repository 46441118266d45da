package io.insula.controlplane.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyBinding;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.insula.controlplane.audit.AuditTrail;
import io.insula.controlplane.audit.TestTrails;
import io.insula.controlplane.cluster.TestCluster;
import io.insula.controlplane.host.ControlPlaneRights;
import io.insula.controlplane.host.ControlPlaneUser;
import io.insula.controlplane.host.HostSetup;
import io.insula.reconcile.Outcome;
import io.insula.syncer.kinds.Beans;
import io.insula.tenantapi.controllers.ControllerManagers;
import io.insula.tenantapi.server.ServerComponents;
import io.micronaut.context.ApplicationContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// The control plane dies between any two of its writes, to the host and to what it starts, and begins anew: what is
/// reached in the end is the same. The host is a real API server; etcds, API servers and the syncer are not.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TenantReconcilerTest {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /// Nobody knows how many writes there are; so many there are not.
    private static final int LIMIT = 100;

    private final ApplicationContext beans = ApplicationContext.run();
    private final Set<Path> processes = ConcurrentHashMap.newKeySet();
    private TestCluster host = unset();
    private Path home = unset();

    @BeforeAll
    void start(@TempDir Path folder) {
        home = folder.resolve("home");
        host = new TestCluster("host", folder, beans.getBean(ServerComponents.class), builder -> builder)
                .withControllers(beans.getBean(ControllerManagers.class));
        try (var controlPlane = ControlPlaneUser.of(host)) {
            new HostSetup(controlPlane, Beans.profiles()).install();
        }
    }

    @AfterAll
    void stop() {
        host.close();
        beans.close();
    }

    @Test
    void endsInTheSamePlaceAfterADeathBetweenAnyTwoWritesOfACreation() {
        List<String> undisturbed = new ArrayList<>();
        List<String> reached = createDyingAfter(LIMIT, "calm", undisturbed);
        assertThat(reached).anyMatch(line -> line.startsWith("condition Ready True"));
        assertThat(undisturbed).hasSizeGreaterThan(10).contains("etcd calm", "server calm", "attach calm");
        assertThat(undisturbed.getFirst())
                .as("nothing is made for a tenant whose object could vanish without us")
                .endsWith("/tenants/calm");

        for (int n = 0; n < undisturbed.size(); n++) {
            String name = "dies-" + n;
            List<String> writes = new ArrayList<>();
            assertThat(createDyingAfter(n, name, writes))
                    .as("death after " + n + " writes: " + writes)
                    .isEqualTo(reached);
        }
    }

    @Test
    void leavesNothingAfterADeathBetweenAnyTwoWritesOfARemoval() {
        int writes = removeDyingAfter(LIMIT, "goes-calmly");
        assertThat(writes).isGreaterThan(2);

        for (int n = 0; n < writes; n++) {
            assertThat(removeDyingAfter(n, "goes-" + n)).isEqualTo(n);
        }
    }

    @Test
    void sleepsInTheSamePlaceAfterADeathBetweenAnyTwoWrites() {
        List<String> awake = createDyingAfter(LIMIT, "sleeper", new ArrayList<>());
        int writes = sleepAndWakeDyingAfter(LIMIT, "sleeper-calm", awake);
        assertThat(writes).isGreaterThan(2);
        for (int n = 0; n < writes; n++) {
            sleepAndWakeDyingAfter(n, "sleeper-" + n, awake);
        }
    }

    /// @return how many writes there were from the mark to the wake's end
    private int sleepAndWakeDyingAfter(int n, String name, List<String> awake) {
        create(name);
        Path etcd = home.resolve("tenants").resolve(name).resolve("etcd");
        try (var life = new Life(LIMIT)) {
            life.settle(name);
        }
        assertThat(processes).as("survives its control plane").contains(etcd);
        mark(name);
        int writes;
        try (var life = new Life(n)) {
            life.settle(name);
            writes = life.writes.size();
        }
        try (var life = new Life(LIMIT)) {
            life.settle(name);
            assertThat(conditions(name))
                    .contains("condition Ready False Asleep", "condition Provisioned True Provisioned");
            assertThat(life.provisioning.servers()).doesNotContain(name);
            assertThat(life.provisioning.attached()).doesNotContainKey(name);
            assertThat(processes).as("also one of an earlier life").doesNotContain(etcd);
            assertThat(etcd.resolve("data/member")).isDirectory();
            assertThat(host.client().namespaces().withName("insula-" + name).get())
                    .isNotNull();
        }
        try (var life = new Life(Math.max(n, 1))) {
            life.settle(name);
            if (!life.isDead) {
                life.provisioning.request(name);
                life.settle(name);
            }
            writes += life.writes.size();
        }
        try (var life = new Life(LIMIT)) {
            life.settle(name);
            if (SleepStep.isMarked(tenant(name))) {
                life.provisioning.request(name);
                life.settle(name);
            }
            assertThat(life.provisioning.servers()).contains(name);
            assertThat(life.provisioning.attached()).containsKey(name);
            assertThat(describe(name)).isEqualTo(awake);
        } finally {
            dieWith(name);
        }
        return writes;
    }

    private void mark(String name) {
        host.client().resources(Tenant.class).withName(name).edit(current -> {
            current.getMetadata().setAnnotations(new java.util.HashMap<>(java.util.Map.of(Tenancy.ASLEEP, "")));
            return current;
        });
    }

    /// Somebody took our finalizer off: what runs stops, the data stays.
    @Test
    void keepsTheDataOfATenantWhoseObjectVanished() {
        create("vanished");
        try (var life = new Life(LIMIT)) {
            life.settle("vanished");
            host.client().resources(Tenant.class).withName("vanished").edit(current -> {
                current.getMetadata().setFinalizers(List.of());
                return current;
            });
            host.client().resources(Tenant.class).withName("vanished").delete();

            assertThat(life.reconciler.reconcile("vanished")).isEqualTo(Outcome.SETTLED);

            assertThat(life.provisioning.servers()).doesNotContain("vanished");
            assertThat(life.provisioning.attached()).doesNotContainKey("vanished");
            assertThat(processes).doesNotContain(home.resolve("tenants/vanished/etcd"));
            assertThat(home.resolve("tenants/vanished/etcd/data/member")).isDirectory();
            assertThat(host.client().namespaces().withName("insula-vanished").get())
                    .isNotNull();
        }
    }

    @Test
    void takesBackWhatAnEarlierLifeSaidBeforeItStartsAnything() {
        create("again");
        try (var life = new Life(LIMIT)) {
            life.settle("again");
        }
        try (var life = new Life(1)) {
            var _ = life.reconciler.reconcile("again");
            assertThat(life.provisioning.servers()).isEmpty();
        }
        assertThat(conditions("again"))
                .contains("condition Ready False Starting")
                .contains("condition Provisioned True Provisioned");
    }

    /// The controllers of a server begin a moment after it.
    @Test
    void spendsNoTurnOnAServerThatIsReadyInAMoment() {
        List<String> prompt = new ArrayList<>();
        createDyingAfter(LIMIT, "prompt", prompt);
        removePolicies();
        create("moment");
        try (var life = new Life(LIMIT)) {
            life.provisioning.beReadyAfter(3);

            life.settle("moment");

            assertThat(life.writes).hasSameSizeAs(prompt);
        }
    }

    @Test
    void passesAPersonsWordOnOnce() {
        create("released");
        try (var life = new Life(LIMIT)) {
            life.settle("released");
            assertThat(life.provisioning.released()).isEmpty();
            host.client().resources(Tenant.class).withName("released").edit(current -> {
                current.getMetadata()
                        .setAnnotations(new java.util.HashMap<>(java.util.Map.of(Tenancy.RELEASE_DELETES, "")));
                return current;
            });

            life.settle("released");

            assertThat(life.provisioning.released()).containsExactly("released");
            assertThat(TenantObjects.hasAnnotation(tenant("released"), Tenancy.RELEASE_DELETES))
                    .isFalse();
        }
    }

    /// Of the authority, which more depends on; what a death leaves of files is `KeyRingTest`'s.
    @Test
    void changesKeysToTheSameOnesAfterADeathBetweenAnyTwoWrites() {
        List<String> reached = new ArrayList<>();
        int writes = rotateDyingAfter(LIMIT, "rotates", reached);
        assertThat(writes).isGreaterThan(3);
        assertThat(reached)
                .contains("condition AuthorityRotating True BothTaken", "condition AuthorityRotating False Rotated");
        for (int n = 0; n < writes; n++) {
            List<String> after = new ArrayList<>();
            rotateDyingAfter(n, "rotates-" + n, after);
            assertThat(after).as("death after " + n + " writes").isEqualTo(reached);
        }
    }

    /// What runs goes on by the former key for as long as it has not heard of the new one.
    @Test
    void tellsWhatRunsOfANewKeyUntilItHasHeard() {
        create("hears");
        try (var life = new Life(LIMIT)) {
            life.settle("hears");
            String before = life.provisioning.attached().get("hears");
            wish("hears", "ca: begin");
            life.provisioning.fail("server's keys hears", new IllegalStateException("the store is away"));

            assertThat(life.reconciler.reconcile("hears")).isInstanceOf(Outcome.Failed.class);
            assertThat(TenantObjects.annotation(tenant("hears"), Tenancy.ROTATE))
                    .isEqualTo("ca: begin");

            life.provisioning.heal("server's keys hears");
            life.settle("hears");
            assertThat(life.writes.stream().filter("server's keys hears"::equals))
                    .hasSize(2);
            assertThat(TenantObjects.hasAnnotation(tenant("hears"), Tenancy.ROTATE))
                    .isFalse();
            assertThat(life.provisioning.attached().get("hears"))
                    .as("the syncer shows a certificate of the new authority")
                    .isNotEqualTo(before);
            life.settle("hears");
            assertThat(life.writes.stream().filter("server's keys hears"::equals))
                    .as("once it has heard")
                    .hasSize(2);
        } finally {
            dieWith("hears");
        }
    }

    @Test
    void changesNothingByAWishThatNamesNoKeysAndPhase() {
        create("wishes");
        try (var life = new Life(LIMIT)) {
            life.settle("wishes");
            List<String> before = describe("wishes");
            for (String wrong : List.of("", "ca", "ca:", ": begin", "ca: end", "etcd-ca: begin", "../ca: begin")) {
                wish("wishes", wrong);
                life.settle("wishes");
                assertThat(TenantObjects.hasAnnotation(tenant("wishes"), Tenancy.ROTATE))
                        .as(wrong)
                        .isFalse();
                assertThat(describe("wishes")).as(wrong).isEqualTo(before);
            }
        } finally {
            dieWith("wishes");
        }
    }

    /// @param reached gets what there is after the first phase, and what after the second
    /// @return how many writes a phase took at most
    private int rotateDyingAfter(int n, String name, List<String> reached) {
        create(name);
        int writes = 0;
        for (KeyRotation.Phase phase : KeyRotation.Phase.values()) {
            try (var life = new Life(LIMIT)) {
                life.settle(name);
                wish(name, "ca: " + phase.word());
                int before = life.writes.size();
                life.allowed = before + n;
                life.settle(name);
                writes = Math.max(writes, life.writes.size() - before);
            }
            try (var life = new Life(LIMIT)) {
                life.settle(name);
                assertThat(life.provisioning.attached()).containsKey(name);
            }
            assertThat(TenantObjects.hasAnnotation(tenant(name), Tenancy.ROTATE))
                    .isFalse();
            reached.addAll(describe(name));
        }
        dieWith(name);
        return writes;
    }

    private void wish(String name, String rotation) {
        host.client().resources(Tenant.class).withName(name).edit(current -> {
            current.getMetadata().setAnnotations(new java.util.HashMap<>(java.util.Map.of(Tenancy.ROTATE, rotation)));
            return current;
        });
    }

    /// @param writes gets what was written, in order
    private List<String> createDyingAfter(int n, String name, List<String> writes) {
        removePolicies();
        create(name);
        try (var life = new Life(n)) {
            life.settle(name);
            writes.addAll(life.writes);
            assertThat(life.isDead || n == LIMIT).isTrue();
        }
        try (var life = new Life(LIMIT)) {
            life.settle(name);
            assertThat(life.provisioning.servers()).contains(name);
            assertThat(life.provisioning.attached()).containsKey(name);
            return describe(name);
        } finally {
            dieWith(name);
        }
    }

    private int removeDyingAfter(int n, String name) {
        create(name);
        try (var life = new Life(LIMIT)) {
            life.settle(name);
        }
        host.client().resources(Tenant.class).withName(name).delete();
        int writes;
        try (var life = new Life(n)) {
            life.settleUntil(name, () -> life.isDead || find(name).isEmpty());
            writes = life.writes.size();
        }
        try (var life = new Life(LIMIT)) {
            life.settleUntil(name, () -> find(name).isEmpty());
            assertThat(life.reconciler.reconcile(name)).isEqualTo(Outcome.SETTLED);
        }
        assertThat(home.resolve("tenants").resolve(name)).doesNotExist();
        assertThat(host.client().namespaces().withName("insula-" + name).get()).isNull();
        assertThat(processes)
                .doesNotContain(home.resolve("tenants").resolve(name).resolve("etcd"));
        assertThat(new Provisioning(processes, _ -> {})
                        .settings(home)
                        .state()
                        .ports()
                        .keySet())
                .noneMatch(purpose -> purpose.startsWith("tenant/" + name + "/"));
        return writes;
    }

    private void dieWith(String name) {
        host.client().resources(Tenant.class).withName(name).delete();
        try (var life = new Life(LIMIT)) {
            life.settleUntil(name, () -> find(name).isEmpty());
        }
    }

    private void create(String name) {
        var tenant = new Tenant();
        tenant.getMetadata().setName(name);
        tenant.setSpec(new TenantSpec("runc"));
        host.client().resource(tenant).create();
    }

    private void removePolicies() {
        host.client()
                .resources(ValidatingAdmissionPolicyBinding.class)
                .withLabel(HostLabels.MANAGED_BY, HostLabels.CONTROL_PLANE)
                .delete();
        host.client()
                .resources(ValidatingAdmissionPolicy.class)
                .withLabel(HostLabels.MANAGED_BY, HostLabels.CONTROL_PLANE)
                .delete();
    }

    private Tenant tenant(String name) {
        return find(name).orElseThrow();
    }

    private Optional<Tenant> find(String name) {
        return Optional.ofNullable(
                host.client().resources(Tenant.class).withName(name).get());
    }

    private List<String> conditions(String name) {
        return tenant(name).getStatus().conditions().stream()
                .map(c -> "condition " + c.type() + " " + c.status() + " " + c.reason())
                .toList();
    }

    /// All that there is of a tenant, without its name and what differs between any two.
    private List<String> describe(String name) {
        var lines = new TreeSet<String>(conditions(name));
        lines.add("finalizers " + tenant(name).getFinalizers());
        lines.add("endpoint " + (tenant(name).getStatus().endpoint() != null));
        Namespace namespace =
                host.client().namespaces().withName("insula-" + name).get();
        lines.add("namespace " + namespace.getMetadata().getLabels()
                + namespace.getMetadata().getAnnotations().keySet());
        var inside = host.client();
        Stream.of(
                        inside.resourceQuotas().inNamespace("insula-" + name).list().getItems().stream()
                                .map(quota -> (HasMetadata) quota),
                        inside.rbac().roleBindings().inNamespace("insula-" + name).list().getItems().stream()
                                .map(binding -> (HasMetadata) binding))
                .flatMap(each -> each)
                .map(TenantReconcilerTest::content)
                .forEach(lines::add);
        policies(ValidatingAdmissionPolicy.class).forEach(lines::add);
        policies(ValidatingAdmissionPolicyBinding.class).forEach(lines::add);
        lines.addAll(files(home.resolve("tenants").resolve(name)));
        new Provisioning(processes, _ -> {})
                .settings(home).state().ports().keySet().stream()
                        .filter(purpose -> purpose.startsWith("tenant/" + name + "/"))
                        .forEach(lines::add);
        lines.add("etcd runs "
                + processes.contains(home.resolve("tenants").resolve(name).resolve("etcd")));
        return lines.stream().map(line -> line.replace(name, "NAME")).toList();
    }

    private <T extends HasMetadata> Stream<String> policies(Class<T> type) {
        return host
                .client()
                .resources(type)
                .withLabel(HostLabels.MANAGED_BY, HostLabels.CONTROL_PLANE)
                .list()
                .getItems()
                .stream()
                .map(TenantReconcilerTest::content);
    }

    private static String content(HasMetadata object) {
        var tree = new KubernetesSerialization().convertValue(object, JsonNode.class);
        return object.getKind() + " " + object.getMetadata().getName() + " " + tree.path("spec") + tree.path("roleRef")
                + tree.path("subjects");
    }

    private static List<String> files(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.map(path -> "file " + folder.relativize(path)).toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /// One life of the control plane: after so many writes it does nothing more, whatever it still tries.
    private final class Life implements AutoCloseable {
        private int allowed;
        private final List<String> writes = new ArrayList<>();
        private final KubernetesClient client;
        private final AuditTrail audit;
        private final TenantHealth health =
                new TenantHealth(_ -> Optional.empty(), _ -> {}, Duration.ofHours(1), Duration.ofHours(1));
        private final Provisioning provisioning;
        private final TenantReconciler reconciler;
        private boolean isDead;

        private Life(int allowed) {
            this.allowed = allowed;
            this.client = new KubernetesClientBuilder()
                    .withConfig(host.config(ControlPlaneRights.USER, List.of()))
                    .withHttpClientBuilderConsumer(http -> http.addOrReplaceInterceptor("death", new Death()))
                    .build();
            this.audit = TestTrails.taking(home.resolve("audit"));
            this.provisioning = new Provisioning(processes, this::about);
            var settings = provisioning.settings(home);
            var lookup = new ProfileLookup(client);
            var objects = new TenantObjects(client);
            var units = new TenantUnits(settings, lookup, _ -> {});
            var kinds = new HostKinds(client);
            List<TenantStep> steps = TenantController.steps(
                    client,
                    new RestoreStep(
                            settings.openBackups(),
                            settings.stores(),
                            provisioning,
                            objects,
                            health,
                            new UnaskedEvents(audit::unheld, settings.clock()),
                            settings.clock()),
                    objects,
                    lookup,
                    new HostNamespaces(client, Beans.profiles()),
                    kinds,
                    provisioning,
                    new TenantKubeconfigs(units),
                    audit,
                    health,
                    new UnaskedEvents(audit::unheld, settings.clock()),
                    _ -> false);
            this.reconciler = new TenantReconciler(
                    objects,
                    units,
                    steps,
                    new TenantRemoval(client, objects, units, provisioning, kinds, health, audit),
                    new TenantConditions(settings.clock()),
                    new TenantNews(client, settings.clock()));
        }

        private synchronized void about(String what) {
            if (isDead || writes.size() == allowed) {
                isDead = true;
                throw new IllegalStateException("dead: " + what);
            }
            writes.add(what);
        }

        private synchronized void requireAlive() {
            if (isDead) {
                throw new IllegalStateException("dead");
            }
        }

        private void settle(String name) {
            var settled = new boolean[1];
            settleUntil(name, () -> isDead || settled[0], settled);
        }

        private void settleUntil(String name, BooleanSupplier reached) {
            settleUntil(name, reached, new boolean[1]);
        }

        private void settleUntil(String name, BooleanSupplier reached, boolean[] settled) {
            var deadline = Instant.now().plus(PATIENCE);
            Outcome last = null;
            while (!reached.getAsBoolean()) {
                assertThat(Instant.now()).as(String.valueOf(last)).isBefore(deadline);
                try {
                    last = reconciler.reconcile(name);
                    settled[0] = last instanceof Outcome.Settled || last instanceof Outcome.Terminal;
                } catch (RuntimeException e) {
                    last = new Outcome.Failed("", String.valueOf(e), e);
                }
                if (!settled[0] && !isDead) {
                    assertThat(last).isNotInstanceOf(Outcome.Failed.class);
                }
                LockSupport.parkNanos(5_000_000);
            }
        }

        /// As a process dies: nothing is stopped, nothing is said.
        @Override
        public void close() {
            isDead = true;
            health.close();
            audit.close();
            client.close();
        }

        private final class Death implements Interceptor {
            @Override
            public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
                if (Objects.equals(request.method(), "GET")) {
                    requireAlive();
                } else {
                    about(request.method() + " " + request.uri().getPath());
                }
            }
        }
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // set before the first test
    private static <T> T unset() {
        return null;
    }
}
