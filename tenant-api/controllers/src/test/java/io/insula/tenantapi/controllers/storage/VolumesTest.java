package io.insula.tenantapi.controllers.storage;

import static io.insula.tenantapi.controllers.RealCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.RealCluster;
import io.insula.tenantapi.controllers.Resources;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class VolumesTest {

    private RealCluster cluster;
    private String namespace = "";

    @BeforeAll
    void start() {
        cluster = RealCluster.withoutNodes();
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    @BeforeEach
    void newNamespace() {
        namespace = cluster.namespace();
    }

    @Test
    void bindsAClaimToTheSmallestVolumeThatSuitsAndReleasesIt() {
        volume("large", "10Gi", "binding");
        volume("small", "5Gi", "binding");
        volume("tiny", "1Gi", "binding");
        await(
                "them to be free",
                () -> phase("tiny").equals("Available") && phase("small").equals("Available"));
        claim("c", "3Gi", "binding");
        await("the binding", () -> claimPhase("c").equals("Bound"));
        assertThat(cluster.at(Resources.PERSISTENT_VOLUME_CLAIMS, namespace, "c", "/spec/volumeName")
                        .asText())
                .isEqualTo("small");
        assertThat(cluster.at(Resources.PERSISTENT_VOLUME_CLAIMS, namespace, "c", "/status/capacity/storage")
                        .asText())
                .isEqualTo("5Gi");
        assertThat(Meta.annotations(cluster.get(Resources.PERSISTENT_VOLUME_CLAIMS, namespace, "c")))
                .containsEntry("pv.kubernetes.io/bind-completed", "yes")
                .containsEntry("pv.kubernetes.io/bound-by-controller", "yes");
        await("the volume's side", () -> phase("small").equals("Bound"));
        cluster.delete(Resources.PERSISTENT_VOLUMES, "", "small");
        assertThat(cluster.has(Resources.PERSISTENT_VOLUMES, "", "small")).isTrue();
        cluster.delete(Resources.PERSISTENT_VOLUME_CLAIMS, namespace, "c");
        await("the claim to go", () -> !cluster.has(Resources.PERSISTENT_VOLUME_CLAIMS, namespace, "c"));
        await("the volume to go", () -> !cluster.has(Resources.PERSISTENT_VOLUMES, "", "small"));
    }

    @Test
    void bindsAClaimWhenItsVolumeComes() {
        claim("c", "1Gi", "later");
        await("its waiting", () -> claimPhase("c").equals("Pending"));
        volume("late", "1Gi", "later");
        await("the binding", () -> claimPhase("c").equals("Bound"));
        cluster.delete(Resources.PERSISTENT_VOLUME_CLAIMS, namespace, "c");
        await("the release", () -> phase("late").equals("Released"));
    }

    @Test
    void keepsAClaimThatAPodUses() {
        claim("used", "1Gi", "keeping");
        cluster.create(
                Resources.PODS,
                namespace,
                "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {nodeName: somewhere,"
                        + " terminationGracePeriodSeconds: 0, containers: [{name: c, image: i}], volumes: [{name: v,"
                        + " persistentVolumeClaim: {claimName: used}}]}}");
        cluster.delete(Resources.PERSISTENT_VOLUME_CLAIMS, namespace, "used");
        claim("other", "1Gi", "keeping");
        cluster.delete(Resources.PERSISTENT_VOLUME_CLAIMS, namespace, "other");
        await("the other to go", () -> !cluster.has(Resources.PERSISTENT_VOLUME_CLAIMS, namespace, "other"));
        assertThat(cluster.has(Resources.PERSISTENT_VOLUME_CLAIMS, namespace, "used"))
                .isTrue();
        cluster.patchStatus(Resources.PODS, namespace, "p", "{status: {phase: Succeeded}}");
        await("it to go", () -> !cluster.has(Resources.PERSISTENT_VOLUME_CLAIMS, namespace, "used"));
    }

    @Test
    void asksTheProvisionerOfTheClaimsClass() {
        cluster.create(
                Resources.STORAGE_CLASSES,
                "",
                "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: fast}, provisioner: csi.example.com}");
        claim("c", "1Gi", "fast");
        await(
                "the request",
                () -> "csi.example.com"
                        .equals(Meta.annotations(cluster.get(Resources.PERSISTENT_VOLUME_CLAIMS, namespace, "c"))
                                .get("volume.kubernetes.io/storage-provisioner")));
        await("the event", () -> cluster.hasEvent(namespace, "ExternalProvisioning"));
    }

    @Test
    void waitsForTheFirstConsumerWhereTheClassSaysSo() {
        cluster.create(
                Resources.STORAGE_CLASSES,
                "",
                "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: local}, provisioner:"
                        + " kubernetes.io/no-provisioner, volumeBindingMode: WaitForFirstConsumer}");
        volume("here", "1Gi", "local");
        await("it to be free", () -> phase("here").equals("Available"));
        claim("c", "1Gi", "local");
        await("the event", () -> cluster.hasEvent(namespace, "WaitForFirstConsumer"));
        assertThat(claimPhase("c")).isEqualTo("Pending");
        cluster.patch(
                Resources.PERSISTENT_VOLUME_CLAIMS,
                namespace,
                "c",
                "{metadata: {annotations: {volume.kubernetes.io/selected-node: n}}}");
        await("the binding", () -> claimPhase("c").equals("Bound"));
    }

    @Test
    void tellsOfABoundClaimWhoseVolumeIsLost() {
        volume("lost", "1Gi", "losing");
        claim("c", "1Gi", "losing");
        await("the binding", () -> claimPhase("c").equals("Bound"));
        cluster.delete(Resources.PERSISTENT_VOLUMES, "", "lost");
        await("the volume to go", this::forceLostVolume);
        await("the loss", () -> claimPhase("c").equals("Lost"));
    }

    @Test
    void makesTheClaimOfAnEphemeralVolumeAndLetsItGoWithItsPod() {
        cluster.create(
                Resources.PODS,
                namespace,
                "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: i}], volumes:"
                        + " [{name: scratch, ephemeral: {volumeClaimTemplate: {metadata: {labels: {a: b}}, spec:"
                        + " {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}}}]}}");
        await("the claim", () -> cluster.has(Resources.PERSISTENT_VOLUME_CLAIMS, namespace, "p-scratch"));
        assertThat(Meta.labels(cluster.get(Resources.PERSISTENT_VOLUME_CLAIMS, namespace, "p-scratch")))
                .containsEntry("a", "b");
        cluster.delete(Resources.PODS, namespace, "p");
        await("it to go", () -> !cluster.has(Resources.PERSISTENT_VOLUME_CLAIMS, namespace, "p-scratch"));
    }

    private boolean forceLostVolume() {
        try {
            cluster.patch(Resources.PERSISTENT_VOLUMES, "", "lost", "{metadata: {finalizers: null}}");
            return false;
        } catch (ApiException e) {
            return e.is("NotFound");
        }
    }

    private void volume(String name, String size, String storageClass) {
        cluster.create(
                Resources.PERSISTENT_VOLUMES,
                "",
                "{apiVersion: v1, kind: PersistentVolume, metadata: {name: " + name + "}, spec: {capacity: {storage: "
                        + size + "}, accessModes: [ReadWriteOnce], storageClassName: " + storageClass
                        + ", hostPath: {path: /tmp}}}");
    }

    private void claim(String name, String size, String storageClass) {
        cluster.create(
                Resources.PERSISTENT_VOLUME_CLAIMS,
                namespace,
                "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: " + name + "}, spec: {accessModes:"
                        + " [ReadWriteOnce], storageClassName: " + storageClass + ", resources: {requests: {storage: "
                        + size + "}}}}");
    }

    private String phase(String volume) {
        return cluster.at(Resources.PERSISTENT_VOLUMES, "", volume, "/status/phase")
                .asText("");
    }

    private String claimPhase(String claim) {
        return cluster.at(Resources.PERSISTENT_VOLUME_CLAIMS, namespace, claim, "/status/phase")
                .asText("");
    }
}
