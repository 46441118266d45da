package io.insula.syncer.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.insula.isolation.ProfileSettings;
import io.insula.isolation.Sandbox;
import io.insula.isolation.TenantProfiles;
import io.insula.reconcile.Outcome;
import io.insula.syncer.engine.Api.ApiFailure;
import io.insula.syncer.engine.Change.CreateOnHost;
import io.insula.syncer.engine.Change.DeleteFromHost;
import io.insula.syncer.engine.Change.EndInTenant;
import io.insula.syncer.engine.Change.LookAgain;
import io.insula.syncer.engine.Change.Proof;
import io.insula.syncer.engine.SyncAudit.Side;
import io.insula.syncer.engine.Syncer.Reference;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What becomes of one key.
class SyncReconcilerTest {

    private static final TenantId ACME = new TenantId("acme");
    private static final SyncKey KEY = new SyncKey(ACME, "ConfigMap", "shop", "settings");
    private static final KindRef<ConfigMap> MAPS = KindRef.of(ConfigMap.class, true);

    private final KubernetesClient unused = new KubernetesClientBuilder()
            .withConfig(new ConfigBuilder(Config.empty())
                    .withMasterUrl("https://127.0.0.1:1")
                    .build())
            .build();
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
    private final LinkedBlockingQueue<SyncKey> released = new LinkedBlockingQueue<>();
    private final List<String> repaired = new ArrayList<>();
    private final List<AttachedTenant> inDoubt = new ArrayList<>();
    private final Server server = new Server();
    private final WatchedApi hostApi = new WatchedApi("the host", server, released::add, now::get);
    private final HostCaches caches = new HostCaches(unused, List.of(), (_, _, _) -> {});
    private final DeleteGuard guard = new DeleteGuard(hostApi);
    private final AttachedTenant acme = attached(caches);
    private List<Change> decided = List.of();
    private final SyncReconciler reconciler = reconciler(caches, acme);

    @BeforeEach
    void start() {
        acme.startCaches((_, _, _) -> {});
    }

    @AfterEach
    void close() {
        hostApi.close();
        acme.close();
        unused.close();
    }

    @Test
    void doesNothingForATenantThatIsNotAttached() {
        decided = List.of(create());

        assertThat(reconciler.reconcile(new SyncKey(new TenantId("globex"), "ConfigMap", "shop", "settings")))
                .isEqualTo(Outcome.SETTLED);
        assertThat(server.sent).isEmpty();
    }

    @Test
    void decidesNothingBeforeBothSidesAreListedAndLooksEverLessOften() {
        var unlisted = new HostCaches(unused, List.of(new Maps()), (_, _, _) -> {});
        try (var tenant = attached(unlisted)) {
            var waiting = reconciler(unlisted, tenant);
            decided = List.of(create());

            assertThat(waiting.reconcile(KEY)).isEqualTo(listed(Duration.ofMillis(100)));
            now.updateAndGet(time -> time.plusSeconds(20));
            assertThat(waiting.reconcile(KEY)).isEqualTo(listed(Duration.ofSeconds(1)));
            now.updateAndGet(time -> time.plusSeconds(3600));
            assertThat(waiting.reconcile(KEY)).isEqualTo(listed(Duration.ofSeconds(5)));
        }
        assertThat(server.sent).isEmpty();
    }

    /// A scan may meet a tenant that is being attached; one without caches has nothing to list, and looks empty.
    @Test
    void decidesNothingOfATenantWhoseCachesHaveNotStarted() {
        try (var tenant = attached(caches)) {
            decided = List.of(create());

            assertThat(tenant.isListed()).isFalse();
            assertThat(reconciler(caches, tenant).reconcile(KEY)).isEqualTo(listed(Duration.ofMillis(100)));

            tenant.startCaches((_, _, _) -> {});
            assertThat(tenant.isListed()).isTrue();
        }
        assertThat(server.sent).isEmpty();
    }

    private static Outcome listed(Duration delay) {
        return Outcome.after(delay, "the lists of both sides");
    }

    @Test
    void writesWhatIsDecidedInItsOrder() {
        decided = List.of(create(), delete(Proof.UNREFERENCED));

        assertThat(reconciler.reconcile(KEY)).isEqualTo(Outcome.SETTLED);

        assertThat(server.sent)
                .extracting(line -> line.substring(0, line.indexOf(" ")))
                .containsExactly("POST", "DELETE");
    }

    /// Of what a scan found, once it is settled, and only where something was to be written.
    @Test
    void countsWhatItPutsRight() {
        decided = List.of(create());
        reconciler.reconcile(KEY);
        assertThat(repaired).as("no scan found it").isEmpty();

        reconciler.differs(KEY);
        decided = List.of(new LookAgain(Duration.ofSeconds(7), "an address"));
        reconciler.reconcile(KEY);
        assertThat(repaired).as("not yet").isEmpty();
        decided = List.of(create());
        reconciler.reconcile(KEY);
        reconciler.reconcile(KEY);
        assertThat(repaired).containsExactly("ConfigMap");

        reconciler.differs(KEY);
        decided = List.of();
        reconciler.reconcile(KEY);
        assertThat(repaired).as("it was right by itself").hasSize(1);
    }

    @Test
    void looksAgainWhenTheDecisionSaysSo() {
        decided = List.of(new LookAgain(Duration.ofSeconds(7), "an address"), create());

        assertThat(reconciler.reconcile(KEY)).isEqualTo(Outcome.after(Duration.ofSeconds(7), "an address"));
        assertThat(server.sent).isEmpty();
    }

    /// In the object's own grace period, and nobody who has got its name meanwhile; no guard looks at the host for it.
    @Test
    void endsWhatIsTheTenantsOwnByItsUid() {
        var own = map().edit()
                .editMetadata()
                .withNamespace("shop")
                .withUid("t1")
                .endMetadata()
                .build();
        decided = List.of(new EndInTenant(MAPS, own, "test"));

        assertThat(reconciler.reconcile(KEY)).isEqualTo(Outcome.SETTLED);

        assertThat(server.sent).containsExactly("DELETE /api/v1/namespaces/shop/configmaps/settings");
        assertThat(server.bodies).singleElement().satisfies(body -> {
            assertThat(body.at("/preconditions/uid").asText()).isEqualTo("t1");
            assertThat(body.has("gracePeriodSeconds")).isFalse();
        });

        own.getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z");
        reconciler.reconcile(KEY);
        assertThat(server.sent).as("it is going").hasSize(1);
    }

    @Test
    void comesBackToWhatIsHeldUntilItMayBeDone() {
        acme.named(new SyncKey(ACME, "Pod", "shop", "web"), Set.of(new Reference("ConfigMap", "shop", "settings")));
        decided = List.of(delete(Proof.UNREFERENCED), create());

        var outcome = reconciler.reconcile(KEY);

        assertThat(outcome).isEqualTo(Outcome.after(Duration.ofSeconds(5), "the object is referenced again"));
        assertThat(server.sent).as("what comes after it").isEmpty();
        assertThat(inDoubt).as("nobody has found the namespace whole yet").containsExactly(acme);
        now.updateAndGet(time -> time.plusSeconds(30));
        reconciler.reconcile(KEY);
        assertThat(reconciler.holds().trouble(ACME)).isPresent();

        acme.named(new SyncKey(ACME, "Pod", "shop", "web"), Set.of());
        assertThat(reconciler.reconcile(KEY)).isEqualTo(Outcome.SETTLED);
        assertThat(reconciler.holds().trouble(ACME)).isEmpty();
        assertThat(server.sent).hasSize(2);
    }

    /// A key that waits for a server must not be tried meanwhile, nor sleep on when it is back.
    @Test
    void parksWhatNeedsAServerThatIsAwayUntilItAnswers() throws Exception {
        server.failure = new ApiFailure(0, "connection refused");
        decided = List.of(create());
        assertThatThrownBy(() -> reconciler.reconcile(KEY)).isInstanceOf(ApiFailure.class);

        assertThat(reconciler.reconcile(KEY)).isEqualTo(Outcome.SETTLED);
        assertThat(server.sent).as("not tried again").hasSize(1);
        server.failure = null;

        assertThat(released.poll(1, TimeUnit.MINUTES)).isEqualTo(KEY);
        assertThat(reconciler.reconcile(KEY)).isEqualTo(Outcome.SETTLED);
        assertThat(server.sent).hasSize(2);
    }

    @Test
    void keepsNothingParkedOrHeldOfATenantThatLeft() {
        acme.named(new SyncKey(ACME, "Pod", "shop", "web"), Set.of(new Reference("ConfigMap", "shop", "settings")));
        decided = List.of(delete(Proof.UNREFERENCED));
        reconciler.reconcile(KEY);
        now.updateAndGet(time -> time.plusSeconds(30));
        reconciler.reconcile(KEY);

        reconciler.forget(ACME);

        assertThat(reconciler.holds().trouble(ACME)).isEmpty();
    }

    @Test
    void doubtsTheNamespaceWhenTheHostForbidsOrLacks() {
        for (int code : new int[] {409, 500, 0}) {
            reconciler.failed(KEY, new ApiFailure(code, "no"), 1, Duration.ofMillis(1));
            assertThat(inDoubt).as("%s", code).isEmpty();
        }
        for (int code : new int[] {403, 404}) {
            reconciler.failed(KEY, new ApiFailure(code, "no"), 1, Duration.ofMillis(1));
            assertThat(inDoubt).as("%s", code).containsExactly(acme);
            inDoubt.clear();
        }
    }

    private SyncReconciler reconciler(HostCaches host, AttachedTenant tenant) {
        var writer = new Writer(hostApi, host, guard, _ -> {}, now::get);
        return new SyncReconciler(
                id -> id.equals(ACME) ? Optional.of(tenant) : Optional.empty(),
                hostApi,
                (_, _) -> decided,
                writer,
                new HostRefusals(writer, now::get),
                inDoubt::add,
                _ -> 0,
                now::get,
                new SyncMeter() {
                    @Override
                    public void opened(Side kept) {}

                    @Override
                    public void closed(Side kept, boolean byPerson) {}

                    @Override
                    public void repaired(String syncer) {
                        repaired.add(syncer);
                    }
                });
    }

    private AttachedTenant attached(HostCaches host) {
        return new AttachedTenant(
                new TenantAttachment(
                        ACME,
                        unused.getConfiguration(),
                        1,
                        () -> TenantProfiles.only(ProfileSettings.of("runc", Sandbox.ofPods("runc")))),
                unused,
                server,
                host,
                new HostFacts(server, HostRanges.NONE),
                Syncers.of(List.of()),
                new BulkBreaker(SyncSettings.DEFAULT, now::get, Side.HOST, SyncMeter.NONE),
                new BulkBreaker(SyncSettings.DEFAULT, now::get, Side.HOST, SyncMeter.NONE),
                now::get);
    }

    private static Change create() {
        return new CreateOnHost(MAPS, map());
    }

    private static Change delete(Proof proof) {
        return new DeleteFromHost(MAPS, map(), proof, "test", null);
    }

    private static ConfigMap map() {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName("settings")
                .withNamespace("insula-acme")
                .withUid("h1")
                .endMetadata()
                .build();
    }

    private static final class Maps implements Syncer<ConfigMap> {
        @Override
        public SyncSpec<ConfigMap> spec() {
            return SyncSpec.tenantToHost(ConfigMap.class, "get");
        }

        @Override
        public List<Change> decide(SyncEvent<ConfigMap> event, TenantView view) {
            return List.of();
        }
    }

    /// Keeps what is sent to it; fails when it is told to. Thread-safe.
    private static final class Server implements Api {
        private final LinkedBlockingQueue<String> sent = new LinkedBlockingQueue<>();
        private final LinkedBlockingQueue<JsonNode> bodies = new LinkedBlockingQueue<>();
        private volatile @org.jspecify.annotations.Nullable ApiFailure failure;

        @Override
        public Optional<JsonNode> get(String path) {
            var fails = failure;
            if (fails != null) {
                throw fails;
            }
            return Optional.of(Trees.object());
        }

        @Override
        public JsonNode send(String method, String path, String contentType, JsonNode body, String auditId) {
            sent.add(method + " " + path);
            bodies.add(body);
            var fails = failure;
            if (fails != null) {
                throw fails;
            }
            return Trees.object();
        }
    }
}
