package io.insula.node.storage;

import io.fabric8.kubernetes.api.model.NodeSelectorTermBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.insula.rules.keys.WellKnownKeys;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// Pure: what a claim is given by a node's disk.
final class LocalVolume {

    /// What one node alone can hold to.
    private static final Set<String> MODES = Set.of("ReadWriteOnce", "ReadWriteOncePod");

    private LocalVolume() {}

    static String name(PersistentVolumeClaim claim) {
        return "pvc-" + claim.getMetadata().getUid();
    }

    /// What it cannot be given, by the path of the field.
    static Optional<String> refusal(PersistentVolumeClaim claim, StorageClass storageClass) {
        var spec = claim.getSpec();
        for (String mode : spec.getAccessModes()) {
            if (!MODES.contains(mode)) {
                return Optional.of("spec.accessModes: " + mode
                        + " is not supported by a node's own disk (expected: ReadWriteOnce or ReadWriteOncePod)");
            }
        }
        if ("Block".equals(spec.getVolumeMode())) {
            return Optional.of("spec.volumeMode: Block is not supported (expected: Filesystem)");
        }
        if (spec.getDataSource() != null || spec.getDataSourceRef() != null) {
            return Optional.of("spec.dataSource: volumes of a node's own disk are not copied");
        }
        if (spec.getSelector() != null) {
            return Optional.of("claim.Spec.Selector is not supported for dynamic provisioning");
        }
        if (!Objects.requireNonNullElse(storageClass.getParameters(), Map.of()).isEmpty()) {
            return Optional.of("parameters: there are none for " + LocalProvisioner.NAME);
        }
        if (!Objects.requireNonNullElse(storageClass.getMountOptions(), List.of())
                .isEmpty()) {
            return Optional.of("mountOptions: there are none for " + LocalProvisioner.NAME);
        }
        return Optional.empty();
    }

    /// @param path what pods see
    static PersistentVolume of(PersistentVolumeClaim claim, StorageClass storageClass, String node, Path path) {
        var spec = claim.getSpec();
        return new PersistentVolumeBuilder()
                .withNewMetadata()
                .withName(name(claim))
                .addToAnnotations(WellKnownKeys.PROVISIONED_BY, LocalProvisioner.NAME)
                .endMetadata()
                .withNewSpec()
                .withCapacity(Map.of("storage", requested(claim)))
                .withAccessModes(spec.getAccessModes())
                .withVolumeMode("Filesystem")
                .withStorageClassName(storageClass.getMetadata().getName())
                .withPersistentVolumeReclaimPolicy(
                        Objects.requireNonNullElse(storageClass.getReclaimPolicy(), "Delete"))
                .withNewLocal()
                .withPath(path.toString())
                .endLocal()
                .withNewNodeAffinity()
                .withNewRequired()
                .withNodeSelectorTerms(new NodeSelectorTermBuilder()
                        .addNewMatchExpression()
                        .withKey(WellKnownKeys.HOSTNAME)
                        .withOperator("In")
                        .withValues(node)
                        .endMatchExpression()
                        .build())
                .endRequired()
                .endNodeAffinity()
                .withNewClaimRef()
                .withApiVersion("v1")
                .withKind("PersistentVolumeClaim")
                .withNamespace(claim.getMetadata().getNamespace())
                .withName(claim.getMetadata().getName())
                .withUid(claim.getMetadata().getUid())
                .endClaimRef()
                .endSpec()
                .build();
    }

    /// Whether a volume is one that this node has made.
    static boolean isOf(PersistentVolume volume, String node) {
        var annotations = Objects.requireNonNullElse(volume.getMetadata().getAnnotations(), Map.<String, String>of());
        var affinity = volume.getSpec().getNodeAffinity();
        return LocalProvisioner.NAME.equals(annotations.get(WellKnownKeys.PROVISIONED_BY))
                && affinity != null
                && affinity.getRequired() != null
                && affinity.getRequired().getNodeSelectorTerms().stream()
                        .flatMap(term -> term.getMatchExpressions().stream())
                        .anyMatch(expression -> expression.getKey().equals(WellKnownKeys.HOSTNAME)
                                && expression.getValues().equals(List.of(node)));
    }

    static Quantity requested(PersistentVolumeClaim claim) {
        return Objects.requireNonNull(
                claim.getSpec().getResources().getRequests().get("storage"), "a claim without a size was admitted");
    }

    static long bytes(Quantity quantity) {
        return Quantity.getAmountInBytes(quantity).longValue();
    }
}
