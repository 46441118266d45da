package io.insula.syncer.kinds;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimSpec;
import io.fabric8.kubernetes.api.model.TypedLocalObjectReferenceBuilder;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToHost;
import io.insula.syncer.engine.Change.DeleteFromHost;
import io.insula.syncer.engine.Change.PatchTenant;
import io.insula.syncer.engine.Change.Proof;
import io.insula.syncer.engine.SyncEvent;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.SyncSpec;
import io.insula.syncer.engine.Syncer;
import io.insula.syncer.engine.TenantEvents;
import io.insula.syncer.engine.TenantView;
import io.insula.syncer.engine.Trees;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// Claims: the host provisions their volumes by a StorageClass that it shares with tenants. What a tenant could
/// use to take somebody else's volume does not go down ([ClaimRules]). Binding, capacity and state come up.
///
/// A claim that was bound and whose host claim is gone has lost its data: it is told so, and no empty volume
/// takes its place. Only the end of the tenant's claim ends the host's, and not by the syncer's word alone.
@Singleton
final class ClaimSyncer implements Syncer<PersistentVolumeClaim> {

    private static final SyncSpec<PersistentVolumeClaim> SPEC = SyncSpec.tenantToHost(
                    PersistentVolumeClaim.class, "get", "list", "watch", "create", "patch")
            .writing(Map.of(
                    SyncSpec.resource(Kinds.CLAIM),
                    Set.of("patch"),
                    SyncSpec.resource(Kinds.CLAIM) + "/status",
                    Set.of("patch")));

    @Override
    public SyncSpec<PersistentVolumeClaim> spec() {
        return SPEC;
    }

    @Override
    public boolean isDeletedByControlPlane() {
        return true;
    }

    @Override
    public List<Change> decide(SyncEvent<PersistentVolumeClaim> event, TenantView view) {
        return switch (event) {
            case TenantOnly<PersistentVolumeClaim>(var tenant) -> tenantOnly(tenant, view);
            case Paired<PersistentVolumeClaim>(var tenant, var host) -> paired(tenant, host, view);
            case HostOnly<PersistentVolumeClaim>(var host) ->
                List.of(new DeleteFromHost(Kinds.CLAIM, host, Proof.TENANT_OBJECT_GONE, "tenant claim is gone", null));
        };
    }

    private static List<Change> tenantOnly(PersistentVolumeClaim tenant, TenantView view) {
        if (tenant.getMetadata().getDeletionTimestamp() != null) {
            return List.of();
        }
        var phase = tenant.getStatus() == null ? "" : tenant.getStatus().getPhase();
        if ("Lost".equals(phase)) {
            return List.of();
        }
        if ("Bound".equals(phase)) {
            return lost(tenant);
        }
        var spec = tenant.getSpec();
        if (Objects.requireNonNullElse(spec.getStorageClassName(), "").isEmpty() && spec.getVolumeName() == null) {
            // as upstream: it waits until a default class is there
            return List.of();
        }
        return refusal(tenant, view)
                .map(message -> refuse(tenant, message))
                .orElseGet(() -> List.of(apply(tenant, view)));
    }

    private static List<Change> paired(PersistentVolumeClaim tenant, HasMetadata host, TenantView view) {
        var changes = new ArrayList<Change>();
        if (tenant.getMetadata().getDeletionTimestamp() == null) {
            ClaimRules.attributes(tenant.getSpec(), "spec")
                    .ifPresent(refused ->
                            changes.add(warning(tenant, "Unsupported", refused.field() + ": " + refused.message())));
            changes.add(apply(tenant, view));
        }
        if (host instanceof PersistentVolumeClaim claim) {
            var volume = Objects.requireNonNullElse(claim.getSpec().getVolumeName(), "");
            if (!volume.isEmpty()
                    && Objects.requireNonNullElse(tenant.getSpec().getVolumeName(), "")
                            .isEmpty()) {
                changes.add(patch(tenant, "", "spec", Trees.object().put("volumeName", volume)));
            }
            if (claim.getStatus() != null) {
                ObjectNode status = Trees.of(claim.getStatus()).deepCopy();
                status.remove(List.of("modifyVolumeStatus", "currentVolumeAttributesClassName"));
                HostTexts.translate(status, () -> HostTexts.words(tenant, Kinds.CLAIM.kind(), claim, view)::translate);
                if (!Trees.contains(Trees.of(tenant.getStatus()), status)) {
                    changes.add(patch(tenant, "status", "status", status));
                }
            }
        }
        return changes;
    }

    private static List<Change> lost(PersistentVolumeClaim tenant) {
        return List.of(
                warning(tenant, "ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!"),
                patch(tenant, "status", "status", Trees.object().put("phase", "Lost")));
    }

    private static List<Change> refuse(PersistentVolumeClaim tenant, String message) {
        var status = Trees.object();
        Conditions.none(status)
                .add("Unsupported", "True")
                .put("reason", "ProvisioningFailed")
                .put("message", message);
        return Trees.contains(Trees.of(tenant.getStatus()), status)
                ? List.of()
                : List.of(warning(tenant, "ProvisioningFailed", message), patch(tenant, "status", "status", status));
    }

    /// Why the host gives no volume for it; empty if it does.
    private static Optional<String> refusal(PersistentVolumeClaim tenant, TenantView view) {
        var refused = ClaimRules.refusalOfClaim(tenant.getSpec(), Kinds.namespace(tenant));
        if (refused.isPresent()) {
            return Optional.of(refused.get().field() + ": " + refused.get().message());
        }
        var snapshot = ClaimRules.snapshot(tenant.getSpec(), Kinds.namespace(tenant));
        if (snapshot.isPresent()
                && view.hostObject(Kinds.SNAPSHOT, snapshotOnHost(tenant, snapshot.get(), view))
                        .isEmpty()) {
            return Optional.of(
                    "volumesnapshot.snapshot.storage.k8s.io \"" + snapshot.get() + "\" is not on the shared cluster");
        }
        var name = tenant.getSpec().getStorageClassName();
        return view.hostObject(Kinds.STORAGE_CLASS, name)
                        .filter(Kinds::isShared)
                        .isPresent()
                ? Optional.empty()
                : Optional.of("storageclass.storage.k8s.io \"" + name + "\" not found");
    }

    private static Change apply(PersistentVolumeClaim tenant, TenantView view) {
        var host = new PersistentVolumeClaimBuilder()
                .withMetadata(Kinds.withLabels(
                        view.names().hostMeta(Kinds.CLAIM.kind(), tenant),
                        tenant.getMetadata().getLabels()))
                .withNewSpec()
                .withAccessModes(tenant.getSpec().getAccessModes())
                .withResources(tenant.getSpec().getResources())
                .withStorageClassName(tenant.getSpec().getStorageClassName())
                .withVolumeMode(tenant.getSpec().getVolumeMode())
                .endSpec()
                .build();
        var snapshot = ClaimRules.snapshot(tenant.getSpec(), Kinds.namespace(tenant));
        if (snapshot.isPresent()) {
            host.getSpec()
                    .setDataSource(new TypedLocalObjectReferenceBuilder()
                            .withApiGroup(Kinds.SNAPSHOT.group())
                            .withKind(Kinds.SNAPSHOT.kind())
                            .withName(snapshotOnHost(tenant, snapshot.get(), view))
                            .build());
            return new ApplyToHost(Kinds.CLAIM, host);
        }
        copied(tenant.getSpec())
                .ifPresent(name -> host.getSpec()
                        .setDataSource(new TypedLocalObjectReferenceBuilder()
                                .withKind("PersistentVolumeClaim")
                                .withName(view.names().hostName(Kinds.CLAIM.kind(), Kinds.namespace(tenant), name))
                                .build()));
        return new ApplyToHost(Kinds.CLAIM, host);
    }

    /// As rules about custom kinds name it.
    private static String snapshotOnHost(PersistentVolumeClaim tenant, String name, TenantView view) {
        return view.names()
                .hostName(Kinds.SNAPSHOT.kind() + "." + Kinds.SNAPSHOT.group(), Kinds.namespace(tenant), name);
    }

    private static Optional<String> copied(PersistentVolumeClaimSpec spec) {
        if (spec.getDataSource() != null) {
            return Optional.of(spec.getDataSource().getName());
        }
        return Optional.ofNullable(spec.getDataSourceRef()).map(reference -> reference.getName());
    }

    private static Change warning(PersistentVolumeClaim tenant, String reason, String message) {
        return TenantEvents.warning(
                tenant,
                reason,
                message,
                Objects.requireNonNullElse(tenant.getMetadata().getCreationTimestamp(), ""));
    }

    private static Change patch(PersistentVolumeClaim tenant, String subresource, String field, ObjectNode content) {
        return new PatchTenant(Kinds.CLAIM, tenant, subresource, Trees.object().set(field, content));
    }
}
