package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToHost;
import io.insula.syncer.engine.Change.ApplyToTenant;
import io.insula.syncer.engine.Change.DeleteFromHost;
import io.insula.syncer.engine.Change.DeleteFromTenant;
import io.insula.syncer.engine.Change.PatchTenant;
import io.insula.syncer.engine.Change.Proof;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.TenantId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClaimSyncerTest {

    private static final FixedView VIEW =
            FixedView.of("runc", storageClass("fast", true), storageClass("private", false));
    private static final FixedView SNAPSHOTS =
            VIEW.withHost(snapshot("nightly", "acme"), snapshot("globexs", "globex"));
    private final ClaimSyncer syncer = new ClaimSyncer();

    @Test
    void asksTheHostForAVolumeOfASharedClass() {
        var host = host(claim("storageClassName: fast"));

        assertThat(host.getMetadata().getName())
                .isEqualTo(VIEW.names().hostName("PersistentVolumeClaim", "shop", "data"));
        assertThat(host.getSpec().getStorageClassName()).isEqualTo("fast");
        assertThat(host.getSpec().getResources().getRequests()).containsEntry("storage", new Quantity("1Gi"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "storageClassName: private",
                "storageClassName: fast, volumeName: pv-of-globex",
                "storageClassName: '', volumeName: pv-of-globex",
                "storageClassName: fast, selector: {matchLabels: {tenant: globex}}",
                "storageClassName: fast, volumeAttributesClassName: gold",
                "storageClassName: fast, newInSomeRelease: x",
                "storageClassName: fast, dataSource: {apiGroup: x.example.com, kind: PersistentVolumeClaim, name: x}",
                "storageClassName: fast, dataSource: {apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: x}",
                "storageClassName: fast, dataSource: {apiGroup: example.com, kind: VolumeSnapshot, name: nightly}",
                "storageClassName: fast, dataSource: {kind: VolumeSnapshot, name: nightly}",
                "storageClassName: fast, dataSourceRef: {apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name:"
                        + " nightly, namespace: backoffice}",
                "storageClassName: fast, dataSource: {apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name:"
                        + " nightly}, dataSourceRef: {apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: x}",
                "storageClassName: fast, volumeName: v, dataSource: {apiGroup: snapshot.storage.k8s.io, kind:"
                        + " VolumeSnapshot, name: nightly}",
                "storageClassName: fast, dataSource: {apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name:"
                        + " globexs}",
                "storageClassName: fast, dataSourceRef: {kind: PersistentVolumeClaim, name: x, namespace: backoffice}"
            })
    void takesNoVolumeThatIsNotMadeForIt(String spec) {
        assertThat(syncer.decide(new TenantOnly<>(claim(spec)), SNAPSHOTS))
                .noneMatch(ApplyToHost.class::isInstance)
                .hasSize(2);
    }

    @Test
    void carriesNoMarkOfTheTenantsThatSpeaksToTheHost() {
        var forged = new PersistentVolumeClaimBuilder(claim("storageClassName: fast"))
                .editMetadata()
                .addToLabels(InsulaLabels.TENANT, "globex")
                .addToLabels("app", "db")
                .addToAnnotations("volume.beta.kubernetes.io/storage-class", "private")
                .addToAnnotations("pv.kubernetes.io/bind-completed", "yes")
                .endMetadata()
                .build();

        var made = host(forged).getMetadata();

        assertThat(made.getLabels())
                .containsEntry(InsulaLabels.TENANT, "acme")
                .containsEntry("tenant.insula.io/app", "db")
                .doesNotContainKey("app");
        assertThat(made.getAnnotations().keySet()).allMatch(key -> key.startsWith(InsulaLabels.PREFIX));
    }

    @Test
    void tellsARefusalOnce() {
        var claim = claim("storageClassName: private");
        var told = (PatchTenant) syncer.decide(new TenantOnly<>(claim), VIEW).get(1);
        var condition = told.patch().at("/status/conditions/0");
        var after = new PersistentVolumeClaimBuilder(claim)
                .withNewStatus()
                .addNewCondition()
                .withType(condition.path("type").asText())
                .withStatus(condition.path("status").asText())
                .withReason(condition.path("reason").asText())
                .withMessage(condition.path("message").asText())
                .endCondition()
                .endStatus()
                .build();

        assertThat(condition.path("message").asText()).isEqualTo("storageclass.storage.k8s.io \"private\" not found");
        assertThat(syncer.decide(new TenantOnly<>(after), VIEW)).isEmpty();
    }

    @Test
    void isMadeOfASnapshotOfItsNamespace() {
        for (var field : List.of("dataSource", "dataSourceRef")) {
            var own = claim("storageClassName: fast, " + field
                    + ": {apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: nightly}");

            var made = (PersistentVolumeClaim) ((ApplyToHost)
                            syncer.decide(new TenantOnly<>(own), SNAPSHOTS).getFirst())
                    .wanted();

            assertThat(made.getSpec().getDataSource().getApiGroup()).isEqualTo("snapshot.storage.k8s.io");
            assertThat(made.getSpec().getDataSource().getKind()).isEqualTo("VolumeSnapshot");
            assertThat(made.getSpec().getDataSource().getName()).isEqualTo(onHost("nightly", "acme"));
            assertThat(made.getSpec().getDataSourceRef()).isNull();
        }
    }

    private static String onHost(String snapshot, String tenant) {
        return new NameMap(new TenantId(tenant)).hostName("VolumeSnapshot.snapshot.storage.k8s.io", "shop", snapshot);
    }

    private static GenericKubernetesResource snapshot(String name, String tenant) {
        var snapshot = new GenericKubernetesResource();
        snapshot.setApiVersion("snapshot.storage.k8s.io/v1");
        snapshot.setKind("VolumeSnapshot");
        snapshot.setMetadata(
                new ObjectMetaBuilder().withName(onHost(name, tenant)).build());
        return snapshot;
    }

    @Test
    void copiesOnlyAClaimOfTheSameNamespace() {
        var host = host(claim("storageClassName: fast, dataSource: {kind: PersistentVolumeClaim, name: old}"));

        assertThat(host.getSpec().getDataSource().getName())
                .isEqualTo(VIEW.names().hostName("PersistentVolumeClaim", "shop", "old"));
    }

    @Test
    void tellsTheTenantOfItsVolume() {
        var claim = claim("storageClassName: fast");
        var bound = new PersistentVolumeClaimBuilder(host(claim))
                .editSpec()
                .withVolumeName("pvc-1")
                .endSpec()
                .withNewStatus()
                .withPhase("Bound")
                .withCapacity(Map.of("storage", new Quantity("1Gi")))
                .endStatus()
                .build();

        assertThat(syncer.decide(new Paired<>(claim, bound), VIEW))
                .filteredOn(PatchTenant.class::isInstance)
                .extracting(change -> ((PatchTenant) change).patch().toString())
                .anyMatch(patch -> patch.contains("\"volumeName\":\"pvc-1\""))
                .anyMatch(patch -> patch.contains("\"phase\":\"Bound\""));
    }

    @Test
    void putsNoEmptyVolumeInThePlaceOfALostOne() {
        var bound = new PersistentVolumeClaimBuilder(claim("storageClassName: fast, volumeName: pvc-1"))
                .withNewStatus()
                .withPhase("Bound")
                .endStatus()
                .build();
        var lost = new PersistentVolumeClaimBuilder(bound)
                .editStatus()
                .withPhase("Lost")
                .endStatus()
                .build();

        assertThat(syncer.decide(new TenantOnly<>(bound), VIEW))
                .extracting(change -> (Object) change.getClass())
                .isEqualTo(List.of(ApplyToTenant.class, PatchTenant.class));
        assertThat(syncer.decide(new TenantOnly<>(lost), VIEW)).isEmpty();
    }

    @Test
    void deletesDataOnlyWhenTheClaimIsProvenGone() {
        assertThat(syncer.decide(new HostOnly<>(host(claim("storageClassName: fast"))), VIEW))
                .singleElement()
                .isInstanceOfSatisfying(
                        DeleteFromHost.class,
                        delete -> assertThat(delete.proof()).isEqualTo(Proof.TENANT_OBJECT_GONE));
        var terminating = new PersistentVolumeClaimBuilder(claim("storageClassName: fast"))
                .editMetadata()
                .withDeletionTimestamp("2026-01-01T00:00:00Z")
                .endMetadata()
                .build();
        assertThat(syncer.decide(new Paired<>(terminating, host(claim("storageClassName: fast"))), VIEW))
                .as("a claim that is in use stays")
                .isEmpty();
    }

    @Test
    void showsVolumesOfTheTenantsClaimsWithoutTheHostsHandle() {
        var claim = claim("storageClassName: fast");
        var view = FixedView.of("runc", host(claim)).withTenant(claim);
        var volume = volume("insula-acme", host(claim).getMetadata().getName());

        var shown = new VolumeSyncer().decide(new HostOnly<>(volume), view);

        var made = (PersistentVolume) ((ApplyToTenant) shown.getFirst()).wanted();
        assertThat(made.getSpec().getClaimRef().getName()).isEqualTo("data");
        assertThat(made.getSpec().getClaimRef().getNamespace()).isEqualTo("shop");
        assertThat(Serialization.asJson(made)).doesNotContain("secret-handle").doesNotContain("insula-acme");
        assertThat(new VolumeSyncer()
                        .decide(
                                new HostOnly<>(volume(
                                        "insula-globex",
                                        host(claim).getMetadata().getName())),
                                view))
                .as("another tenant's")
                .isEmpty();
        assertThat(new VolumeSyncer().decide(new TenantOnly<>(made), view))
                .singleElement()
                .isInstanceOf(DeleteFromTenant.class);
        assertThat(new VolumeSyncer().decide(new TenantOnly<>(volume), view))
                .as("one that the tenant made itself")
                .isEmpty();
    }

    @Test
    void showsSharedClassesWithoutTheirParameters() {
        var syncer = new StorageClassSyncer();

        assertThat(syncer.decide(new HostOnly<>(storageClass("private", false)), VIEW))
                .isEmpty();
        assertThat(syncer.decide(new HostOnly<>(storageClass("fast", true)), VIEW))
                .singleElement()
                .isInstanceOfSatisfying(
                        ApplyToTenant.class,
                        apply -> assertThat(((StorageClass) apply.wanted()).getParameters())
                                .isNullOrEmpty());
    }

    private PersistentVolumeClaim host(PersistentVolumeClaim claim) {
        List<Change> changes = syncer.decide(new TenantOnly<>(claim), VIEW);
        return (PersistentVolumeClaim) ((ApplyToHost) changes.getFirst()).wanted();
    }

    private static PersistentVolumeClaim claim(String spec) {
        return Serialization.unmarshal(
                "metadata: {name: data, namespace: shop, uid: c1}\nspec: {accessModes: [ReadWriteOnce], resources:"
                        + " {requests: {storage: 1Gi}}, " + spec + "}",
                PersistentVolumeClaim.class);
    }

    private static PersistentVolume volume(String namespace, String claim) {
        return new PersistentVolumeBuilder()
                .withNewMetadata()
                .withName("pvc-1")
                .endMetadata()
                .withNewSpec()
                .withNewClaimRef()
                .withNamespace(namespace)
                .withName(claim)
                .endClaimRef()
                .withNewCsi()
                .withDriver("disks.example.com")
                .withVolumeHandle("secret-handle")
                .endCsi()
                .endSpec()
                .build();
    }

    private static StorageClass storageClass(String name, boolean shared) {
        return new StorageClassBuilder()
                .withNewMetadata()
                .withName(name)
                .addToLabels(InsulaLabels.SHARED, String.valueOf(shared))
                .endMetadata()
                .withProvisioner("disks.example.com")
                .withParameters(Map.of("csi.storage.k8s.io/provisioner-secret-name", "root"))
                .build();
    }
}
