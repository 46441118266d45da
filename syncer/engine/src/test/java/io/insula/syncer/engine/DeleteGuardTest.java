package io.insula.syncer.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.insula.isolation.ProfileSettings;
import io.insula.isolation.Sandbox;
import io.insula.isolation.TenantProfiles;
import io.insula.syncer.engine.Api.ApiFailure;
import io.insula.syncer.engine.Change.DeleteFromHost;
import io.insula.syncer.engine.Change.DeleteFromTenant;
import io.insula.syncer.engine.Change.Proof;
import io.insula.syncer.engine.SyncAudit.Side;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Invariant 4: a host object is deleted only when its tenant object is proven gone. Here everything that can
/// be wrong with a tenant tries to have one deleted.
class DeleteGuardTest {

    private static final TenantId ACME = new TenantId("acme");
    private static final SyncKey KEY = new SyncKey(ACME, "ConfigMap", "shop", "settings");
    private static final String OBJECT = "/api/v1/namespaces/shop/configmaps/settings";
    private static final String IDENTITY = "/api/v1/namespaces/kube-system";
    private static final String HOST_NAMESPACE = "/api/v1/namespaces/insula-acme";
    private static final int OBJECTS = 100;
    private static final KindRef<ConfigMap> MAPS = KindRef.of(ConfigMap.class, true);

    private final KubernetesClient unused = new KubernetesClientBuilder()
            .withConfig(new ConfigBuilder(Config.empty())
                    .withMasterUrl("https://127.0.0.1:1")
                    .build())
            .build();
    private final Answers host = new Answers();
    private final Answers tenant = new Answers();
    private final List<Syncer<?>> syncers = List.of(new Plain());
    private final SyncSettings settings =
            new SyncSettings(1, Duration.ofMinutes(1), Duration.ofSeconds(1), 2, 0.01, Duration.ofMinutes(5));
    private final DeleteGuard guard = new DeleteGuard(host);
    private final AttachedTenant attached = attached(false);

    @AfterEach
    void close() {
        attached.close();
    }

    private AttachedTenant attached(boolean setBack) {
        return new AttachedTenant(
                new TenantAttachment(
                        ACME,
                        unused::getConfiguration,
                        1,
                        URI.create(unused.getConfiguration().getMasterUrl()),
                        setBack,
                        () -> TenantProfiles.only(ProfileSettings.of("runc", Sandbox.ofPods("runc")))),
                unused,
                tenant,
                new HostCaches(unused, syncers, (_, _, _) -> {}),
                new HostFacts(host, HostRanges.NONE),
                Syncers.of(syncers),
                new BulkBreaker(settings, Instant::now, Side.HOST, SyncMeter.NONE),
                new BulkBreaker(settings, Instant::now, Side.HOST, SyncMeter.NONE),
                Instant::now);
    }

    @Test
    void believesNobodyWhileTheTenantDoesNotAnswer() {
        attached.witness(KEY, hostObject("u1"));
        tenant.failure = new ApiFailure(0, "connection refused");

        for (var proof :
                List.of(Proof.TENANT_OBJECT_GONE, Proof.TENANT_OBJECT_TERMINATING, Proof.TENANT_OBJECT_NEEDS_NONE)) {
            assertThatThrownBy(() -> objection(proof)).as("%s", proof).isInstanceOf(ApiFailure.class);
        }
    }

    @Test
    void believesNobodyWhileTheTenantsStoreIsDown() {
        attached.witness(KEY, hostObject("u1"));
        tenant.failure = new ApiFailure(500, "etcdserver: request timed out");

        assertThatThrownBy(() -> objection(Proof.TENANT_OBJECT_GONE)).isInstanceOf(ApiFailure.class);
    }

    @Test
    void keepsTheObjectOfAnObjectThatIsThereWhateverTheCacheMissed() {
        tenant.objects.put(OBJECT, object("u1"));
        attached.witness(KEY, hostObject("u1"));

        assertThat(objection(Proof.TENANT_OBJECT_GONE)).contains("the tenant object exists");
        assertThat(objection(Proof.TENANT_OBJECT_TERMINATING)).contains("the tenant object is not being deleted");
        assertThat(objection(Proof.TENANT_OBJECT_NEEDS_NONE)).contains("the tenant object needs it");
    }

    @Test
    void keepsEverythingOfAStoreThatWasLostAndStartedEmpty() {
        note("first");
        tenant.objects.put(IDENTITY, object("second"));

        assertThat(objection(Proof.TENANT_OBJECT_GONE))
                .contains("the tenant is not the cluster that was first attached");
    }

    @Test
    void keepsEverythingOfAStoreThatAnswersButHasNothing() {
        note("first");

        assertThat(objection(Proof.TENANT_OBJECT_GONE)).isPresent();
        assertThat(objection(Proof.TENANT_OBJECT_NEEDS_NONE)).contains("the tenant object needs it");
    }

    @Test
    void keepsEverythingOfATenantThatNobodyKnows() {
        tenant.objects.put(IDENTITY, object("first"));

        assertThat(objection(Proof.TENANT_OBJECT_GONE)).isPresent();
    }

    @Test
    void deletesWhatAWatchEventToldOf() {
        attached.witness(KEY, hostObject("u1"));

        assertThat(objection(Proof.TENANT_OBJECT_GONE)).isEmpty();
    }

    @Test
    void doesNotTakeTheDeletionOfAnotherObjectOfTheNameForThisOnes() {
        attached.witness(KEY, hostObject("u0"));
        note("first");

        assertThat(objection(Proof.TENANT_OBJECT_GONE)).isPresent();
    }

    @Test
    void deletesWhatWentUnseenOnlyFewAtATime() {
        note("first");
        tenant.objects.put(IDENTITY, object("first"));

        assertThat(objection(Proof.TENANT_OBJECT_GONE)).isEmpty();
        assertThat(objection(Proof.TENANT_OBJECT_GONE)).isEmpty();
        assertThat(objection(Proof.TENANT_OBJECT_GONE)).as("the third of two").isPresent();
        assertThat(attached.breaker().isOpen()).isTrue();

        tenant.objects.put(IDENTITY, object("second"));
        guard.confirm(attached);
        assertThat(attached.breaker().isOpen())
                .as("confirmed by another cluster")
                .isTrue();
        tenant.objects.put(IDENTITY, object("first"));
        guard.confirm(attached);
        assertThat(objection(Proof.TENANT_OBJECT_GONE)).isEmpty();
    }

    /// A restored backup is the same cluster, and lacks what came after it.
    @Test
    void keepsEverythingOfAStoreThatWasSetBackUntilAPersonSaysOtherwise() {
        note("first");
        tenant.objects.put(IDENTITY, object("first"));
        storeAt(100);

        assertThat(guard.objection(delete(madeAt("99"), Proof.TENANT_OBJECT_GONE), attached, KEY, OBJECTS))
                .as("of before")
                .isEmpty();
        assertThat(guard.objection(delete(madeAt("101"), Proof.TENANT_OBJECT_GONE), attached, KEY, OBJECTS))
                .as("of later")
                .get()
                .asString()
                .contains("set back");
        guard.confirm(attached);
        storeAt(200);
        for (var made : List.of("101", "99")) {
            assertThat(guard.objection(delete(madeAt(made), Proof.TENANT_OBJECT_GONE), attached, KEY, OBJECTS))
                    .as("once it is known, also after a scan and when the store has come further: " + made)
                    .isPresent();
        }
        tenant.objects.put(OBJECT, object("u0"));
        assertThat(objection(Proof.TENANT_OBJECT_GONE))
                .as("made anew after the backup, which has the one before")
                .isPresent();
        tenant.objects.remove(OBJECT);
        assertThat(objection(Proof.UNREFERENCED))
                .as("what one that is kept may refer to")
                .isPresent();
        attached.witness(KEY, hostObject("u1"));
        assertThat(guard.objection(delete(madeAt("101"), Proof.TENANT_OBJECT_GONE), attached, KEY, OBJECTS))
                .as("an event told of it")
                .isEmpty();
        attached.forget(KEY);

        attached.breaker().release();
        attached.foundNotSetBack();
        assertThat(guard.objection(delete(madeAt("300"), Proof.TENANT_OBJECT_GONE), attached, KEY, OBJECTS))
                .as("a person's word")
                .isEmpty();
        assertThat(objection(Proof.UNREFERENCED)).isEmpty();
    }

    /// The store may have come as far again before anybody looks.
    @Test
    void keepsEverythingOfAStoreOfWhichItIsToldThatItWasSetBack() {
        note("first");
        tenant.objects.put(IDENTITY, object("first"));
        storeAt(100);
        try (var told = attached(true)) {
            assertThat(guard.objection(delete(madeAt("99"), Proof.TENANT_OBJECT_GONE), told, KEY, OBJECTS))
                    .get()
                    .asString()
                    .contains("set back");

            told.foundNotSetBack();
            assertThat(guard.objection(delete(madeAt("99"), Proof.TENANT_OBJECT_GONE), told, KEY, OBJECTS))
                    .as("a person's word")
                    .isEmpty();
        }
    }

    @Test
    void removesAReservationThatNobodyTookUpFromTheSameClusterOnly() {
        var reserved = new ConfigMapBuilder(hostObject("u1"))
                .editMetadata()
                .addToAnnotations(InsulaLabels.RESERVED, "2026-01-01T00:00:00Z")
                .endMetadata()
                .build();
        note("first");

        assertThat(guard.objection(delete(reserved, Proof.TENANT_OBJECT_GONE), attached, KEY, OBJECTS))
                .isPresent();
        tenant.objects.put(IDENTITY, object("first"));
        for (int i = 0; i < 5; i++) {
            assertThat(guard.objection(delete(reserved, Proof.TENANT_OBJECT_GONE), attached, KEY, OBJECTS))
                    .isEmpty();
        }
    }

    @Test
    void keepsTheTenantsObjectsWhenTheHostNamespaceWent() {
        attached.witnessHost(KEY, "u1");

        assertThat(objectionInTenant("u1")).as("no namespace").get().asString().contains("is gone");

        var going = object("n1");
        going.withObject("/metadata").put("deletionTimestamp", "2026-01-01T00:00:00Z");
        host.objects.put(HOST_NAMESPACE, going);
        assertThat(objectionInTenant("u1")).as("going").get().asString().contains("is being deleted");

        host.objects.put(HOST_NAMESPACE, object("n2"));
        assertThat(objectionInTenant("u1")).as("made anew").get().asString().contains("is new");
    }

    @Test
    void keepsTheTenantsObjectsWhenTheHostNamespaceIsReplacedWhileItIsAsked() {
        attached.witnessHost(KEY, "u1");
        note("first");
        host.afterGet = path -> {
            if (path.endsWith("/configmaps/" + hostName())) {
                var replaced = object("n2");
                replaced.withObject("/metadata/annotations").put(InsulaLabels.CLUSTER_UID, "first");
                host.objects.put(HOST_NAMESPACE, replaced);
            }
        };

        assertThat(objectionInTenant("u1")).contains("the host namespace was replaced");
    }

    @Test
    void believesNobodyWhileTheHostDoesNotAnswer() {
        attached.witnessHost(KEY, "u1");
        host.failure = new ApiFailure(0, "connection refused");

        assertThatThrownBy(() -> objectionInTenant("u1")).isInstanceOf(ApiFailure.class);
    }

    /// The right to look at a namespace stands in it, and goes with it.
    @Test
    void keepsTheTenantsObjectsWhileTheHostNamespaceIsClosedToTheSyncer() {
        attached.witnessHost(KEY, "u1");
        host.failure = new ApiFailure(403, "namespaces \"insula-acme\" is forbidden");

        assertThat(objectionInTenant("u1")).contains("the host namespace insula-acme is gone, or closed to the syncer");
        assertThat(guard.look(attached).isNew()).isFalse();
    }

    @Test
    void keepsTheTenantsObjectWhileTheHostHasItsOwn() {
        attached.witnessHost(KEY, "u1");
        note("first");
        host.objects.put("/api/v1/namespaces/insula-acme/configmaps/" + hostName(), object("h1"));

        assertThat(objectionInTenant("u1")).contains("the host object exists");
    }

    @Test
    void deletesInTheTenantWhatAWatchEventOfTheHostToldOf() {
        attached.witnessHost(KEY, "u1");
        note("first");

        for (int i = 0; i < 5; i++) {
            assertThat(objectionInTenant("u1")).isEmpty();
        }
        assertThat(objectionInTenant("u2")).as("of another object").isEmpty();
        assertThat(attached.tenantBreaker().isOpen()).isFalse();
    }

    /// How an emptied host looks: it answers that there is nothing, and no event told of it.
    @Test
    void deletesInTheTenantWhatWentUnseenOnlyFewAtATime() {
        note("first");

        assertThat(objectionInTenant("u1")).isEmpty();
        assertThat(objectionInTenant("u1")).isEmpty();
        assertThat(objectionInTenant("u1")).as("the third of two").isPresent();
        assertThat(attached.tenantBreaker().isOpen()).isTrue();
        assertThat(attached.breaker().isOpen()).as("the other direction").isFalse();

        guard.confirm(attached);
        assertThat(objectionInTenant("u1"))
                .as("the tenant's word proves nothing here")
                .isPresent();

        attached.tenantBreaker().confirm();
        assertThat(objectionInTenant("u1")).as("a person's word").isEmpty();
    }

    @Test
    void endsWhatTheTenantItselfDeletedWhateverBecameOfTheNamespace() {
        var deleted = new ConfigMapBuilder(hostObject("u1"))
                .editMetadata()
                .withDeletionTimestamp("2026-01-01T00:00:00Z")
                .endMetadata()
                .build();

        assertThat(guard.objection(new DeleteFromTenant(MAPS, deleted, true, "test"), attached, KEY))
                .isEmpty();
        host.failure = new ApiFailure(403, "configmaps \"x\" is forbidden");
        assertThat(guard.objection(new DeleteFromTenant(MAPS, deleted, true, "test"), attached, KEY))
                .as("the right to look went with the namespace")
                .isEmpty();
        host.failure = new ApiFailure(0, "connection refused");
        assertThatThrownBy(() -> guard.objection(new DeleteFromTenant(MAPS, deleted, true, "test"), attached, KEY))
                .isInstanceOf(ApiFailure.class);
    }

    private void storeAt(long revision) {
        var list = Trees.object();
        list.putObject("metadata").put("resourceVersion", Long.toString(revision));
        tenant.objects.put("/api/v1/namespaces?limit=1", list);
    }

    private static ConfigMap madeAt(String revision) {
        return new ConfigMapBuilder(hostObject("u1"))
                .editMetadata()
                .addToAnnotations(InsulaLabels.REVISION, revision)
                .endMetadata()
                .build();
    }

    private Optional<String> objectionInTenant(String uid) {
        return guard.objection(new DeleteFromTenant(MAPS, hostObject(uid), true, "test"), attached, KEY);
    }

    private static String hostName() {
        return new NameMap(ACME).hostName("ConfigMap", "shop", "settings");
    }

    private Optional<String> objection(Proof proof) {
        return guard.objection(delete(hostObject("u1"), proof), attached, KEY, OBJECTS);
    }

    private void note(String cluster) {
        var namespace = object("n1");
        namespace.withObject("/metadata/annotations").put(InsulaLabels.CLUSTER_UID, cluster);
        host.objects.put(HOST_NAMESPACE, namespace);
    }

    private static DeleteFromHost delete(ConfigMap object, Proof proof) {
        return new DeleteFromHost(KindRef.of(ConfigMap.class, true), object, proof, "test", null);
    }

    private static ConfigMap hostObject(String uid) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName("settings")
                .withUid(uid)
                .addToAnnotations(InsulaLabels.UID, uid)
                .endMetadata()
                .build();
    }

    private static ObjectNode object(String uid) {
        var object = Trees.object();
        object.putObject("metadata").put("uid", uid);
        return object;
    }

    private static final class Plain implements Syncer<ConfigMap> {
        @Override
        public SyncSpec<ConfigMap> spec() {
            return SyncSpec.tenantToHost(ConfigMap.class, "get");
        }

        @Override
        public List<Change> decide(SyncEvent<ConfigMap> event, TenantView view) {
            return List.of();
        }
    }

    /// An API server that answers what the test says. Confined to one thread.
    private static final class Answers implements Api {
        private final Map<String, JsonNode> objects = new HashMap<>();
        private @Nullable ApiFailure failure;
        private Consumer<String> afterGet = _ -> {};

        @Override
        public Optional<JsonNode> get(String path) {
            if (failure != null) {
                throw failure;
            }
            var answer = Optional.ofNullable(objects.get(path));
            afterGet.accept(path);
            return answer;
        }

        @Override
        public JsonNode send(String method, String path, String contentType, JsonNode body, String auditId) {
            throw new UnsupportedOperationException(method + " " + path);
        }
    }
}
