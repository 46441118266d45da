package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToTenant;
import io.insula.syncer.engine.Change.DeleteFromTenant;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.SyncEvent;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.SyncSpec;
import io.insula.syncer.engine.SyncSpec.Direction;
import io.insula.syncer.engine.Syncer;
import io.insula.syncer.engine.TenantView;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// The host's volumes that carry a tenant's claims, shown to that tenant: size, modes, class, state, and its
/// own claim. How the host reaches the storage is not shown. Volumes that a tenant made itself are left alone;
/// no host volume stands for them.
@Singleton
final class VolumeSyncer implements Syncer<PersistentVolume> {

    /// Instead of the host's storage handle: the API wants some source.
    private static final String DRIVER = "volumes.insula.io";

    private static final SyncSpec<PersistentVolume> SPEC = new SyncSpec<>(
                    Kinds.VOLUME,
                    Direction.HOST_TO_TENANT,
                    true,
                    List.of(Kinds.VOLUME),
                    Map.of(SyncSpec.resource(Kinds.VOLUME), Set.of("get", "list", "watch")))
            .writing(Map.of(
                    SyncSpec.resource(Kinds.VOLUME),
                    Set.of("create", "patch", "delete"),
                    SyncSpec.resource(Kinds.VOLUME) + "/status",
                    Set.of("patch")));

    @Override
    public SyncSpec<PersistentVolume> spec() {
        return SPEC;
    }

    @Override
    public List<Change> decide(SyncEvent<PersistentVolume> event, TenantView view) {
        return switch (event) {
            case HostOnly<PersistentVolume>(PersistentVolume host) ->
                claimOf(host, view).map(claim -> show(host, claim)).orElse(List.of());
            case Paired<PersistentVolume>(var tenant, PersistentVolume host)
            when Kinds.isManaged(tenant) ->
                claimOf(host, view).map(claim -> show(host, claim)).orElseGet(() -> hide(tenant));
            case TenantOnly<PersistentVolume>(var tenant) -> hide(tenant);
            case HostOnly<PersistentVolume> _, Paired<PersistentVolume> _ -> List.of();
        };
    }

    @Override
    public String hostName(String namespace, String name, NameMap names) {
        return name;
    }

    @Override
    public List<Reference> tenantObjectsOf(HasMetadata host, TenantView view) {
        var name = switch (host) {
            case PersistentVolume volume
            when claimOf(volume, view).isPresent()
                    || view.tenantObject(Kinds.VOLUME, "", Kinds.name(volume)).isPresent() -> Kinds.name(volume);
            case PersistentVolumeClaim claim ->
                Objects.requireNonNullElse(claim.getSpec().getVolumeName(), "");
            default -> "";
        };
        return name.isEmpty() ? List.of() : List.of(new Reference(Kinds.VOLUME.kind(), "", name));
    }

    /// The tenant's claim that the volume is bound to, if its host claim is one of ours.
    private static Optional<PersistentVolumeClaim> claimOf(PersistentVolume host, TenantView view) {
        var reference = host.getSpec() == null ? null : host.getSpec().getClaimRef();
        if (reference == null || !view.names().tenant().hostNamespace().equals(reference.getNamespace())) {
            return Optional.empty();
        }
        return view.hostObject(Kinds.CLAIM, reference.getName())
                .flatMap(claim -> view.names().tenantKey(claim))
                .flatMap(key -> view.tenantObject(Kinds.CLAIM, key.namespace(), key.name()));
    }

    private static List<Change> show(PersistentVolume host, PersistentVolumeClaim claim) {
        var spec = host.getSpec();
        var shown = new PersistentVolumeBuilder()
                .withNewMetadata()
                .withName(Kinds.name(host))
                .addToLabels(InsulaLabels.MANAGED_BY, InsulaLabels.SYNCER)
                .endMetadata()
                .withNewSpec()
                .withAccessModes(spec.getAccessModes())
                .withCapacity(spec.getCapacity())
                .withVolumeMode(spec.getVolumeMode())
                .withStorageClassName(spec.getStorageClassName())
                .withPersistentVolumeReclaimPolicy(spec.getPersistentVolumeReclaimPolicy())
                .withNewClaimRef()
                .withApiVersion("v1")
                .withKind("PersistentVolumeClaim")
                .withNamespace(Kinds.namespace(claim))
                .withName(Kinds.name(claim))
                .withUid(claim.getMetadata().getUid())
                .endClaimRef()
                .withNewCsi()
                .withDriver(DRIVER)
                .withVolumeHandle(Kinds.name(host))
                .endCsi()
                .endSpec()
                .build();
        var phase = host.getStatus() == null ? null : host.getStatus().getPhase();
        var status = new PersistentVolumeBuilder()
                .withNewMetadata()
                .withName(Kinds.name(host))
                .endMetadata()
                .withNewStatus()
                .withPhase(phase)
                .endStatus()
                .build();
        return List.of(new ApplyToTenant(Kinds.VOLUME, shown, ""), new ApplyToTenant(Kinds.VOLUME, status, "status"));
    }

    private static List<Change> hide(PersistentVolume tenant) {
        return Kinds.isManaged(tenant)
                ? List.of(new DeleteFromTenant(Kinds.VOLUME, tenant, false, "carries no claim of this cluster"))
                : List.of();
    }
}
