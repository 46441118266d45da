package io.insula.syncer.custom;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToHost;
import io.insula.syncer.engine.Change.DeleteFromHost;
import io.insula.syncer.engine.Change.PatchTenant;
import io.insula.syncer.engine.Change.Proof;
import io.insula.syncer.engine.HostWords;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.KindRef;
import io.insula.syncer.engine.SyncEvent;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.SyncSpec;
import io.insula.syncer.engine.SyncSpec.Direction;
import io.insula.syncer.engine.Syncer;
import io.insula.syncer.engine.TenantEvents;
import io.insula.syncer.engine.TenantView;
import io.insula.syncer.engine.Trees;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Syncs one custom kind of one tenant by its rule. Immutable.
///
/// @param isLeaving whether the rule is gone, and with it all that was made by it on the host
record CustomSyncer(CustomKind rule, boolean isLeaving) implements Syncer<GenericKubernetesResource> {

    private static final String REFUSED = "NotOnHost";
    private static final String STATUS = "status";

    /// Whose names on the host may stand in a status.
    private static final List<KindRef<?>> NAMED = List.of(
            KindRef.of(Pod.class, true),
            KindRef.of(Service.class, true),
            KindRef.of(ConfigMap.class, true),
            KindRef.of(Secret.class, true),
            KindRef.of(PersistentVolumeClaim.class, true));

    @Override
    public SyncSpec<GenericKubernetesResource> spec() {
        var resource = SyncSpec.resource(rule.kind());
        var spec = new SyncSpec<>(
                rule.name(),
                rule.kind(),
                Direction.TENANT_TO_HOST,
                true,
                List.of(rule.kind()),
                Map.of(
                        resource,
                        isDeletedByControlPlane()
                                ? Set.of("get", "list", "watch", "create", "patch")
                                : Set.of("get", "list", "watch", "create", "patch", "delete")));
        return rule.hasStatus() && !isLeaving ? spec.writing(Map.of(resource + "/" + STATUS, Set.of("patch"))) : spec;
    }

    @Override
    public boolean isDeletedByControlPlane() {
        return KnownKinds.isData(rule);
    }

    @Override
    public boolean needsHost(GenericKubernetesResource tenant, TenantView view) {
        return !isLeaving;
    }

    @Override
    public Set<Reference> references(GenericKubernetesResource tenant, TenantView view) {
        return isLeaving ? Set.of() : translation(view).references(tenant);
    }

    /// What a controller there may still read.
    @Override
    public Set<Reference> hostReferences(HasMetadata host) {
        return CustomTranslation.hostReferences(rule, host);
    }

    @Override
    public List<Change> decide(SyncEvent<GenericKubernetesResource> event, TenantView view) {
        return switch (event) {
            case TenantOnly<GenericKubernetesResource>(var tenant) ->
                isLeaving || tenant.getMetadata().getDeletionTimestamp() != null ? List.of() : down(tenant, view);
            case Paired<GenericKubernetesResource>(var tenant, var host) ->
                isLeaving
                        ? List.of(delete(host, Proof.TENANT_OBJECT_NEEDS_NONE, "its kind is not synced any more"))
                        : paired(tenant, host, view);
            case HostOnly<GenericKubernetesResource>(var host) ->
                List.of(delete(host, Proof.TENANT_OBJECT_GONE, "tenant object is gone"));
        };
    }

    private Change delete(HasMetadata host, Proof proof, String reason) {
        return new DeleteFromHost(rule.kind(), host, proof, reason, null);
    }

    private List<Change> paired(GenericKubernetesResource tenant, HasMetadata host, TenantView view) {
        var changes = new ArrayList<>(down(tenant, view));
        if (rule.hasStatus()) {
            up(tenant, host, view).ifPresent(changes::add);
        }
        return changes;
    }

    /// What cannot be translated leaves what is there as it is: the tenant is told.
    private List<Change> down(GenericKubernetesResource tenant, TenantView view) {
        var result = translation(view).translate(tenant);
        return result
                .host()
                .<Change>map(host -> new ApplyToHost(rule.kind(), host))
                .or(() -> Optional.of(TenantEvents.warning(
                        tenant,
                        REFUSED,
                        result.refused(),
                        Objects.requireNonNullElse(tenant.getMetadata().getCreationTimestamp(), ""))))
                .stream()
                .toList();
    }

    private Optional<Change> up(GenericKubernetesResource tenant, HasMetadata host, TenantView view) {
        var told = Trees.of(host).path(STATUS);
        if (!told.isObject()) {
            return Optional.empty();
        }
        var words = words(tenant, host, view);
        var wanted = (ObjectNode) Told.inWords(told, words);
        var patch = Told.difference(Trees.of(tenant).path(STATUS), wanted);
        if (patch.isEmpty()) {
            return Optional.empty();
        }
        var whole = Trees.object();
        whole.set(STATUS, patch);
        return Optional.of(new PatchTenant(rule.kind(), tenant, STATUS, whole));
    }

    private HostWords words(GenericKubernetesResource tenant, HasMetadata host, TenantView view) {
        var annotations = Objects.requireNonNullElse(host.getMetadata().getAnnotations(), Map.<String, String>of());
        var uids = Map.of(
                Objects.requireNonNullElse(host.getMetadata().getUid(), "?"),
                annotations.getOrDefault(InsulaLabels.UID, ""));
        return HostWords.about(
                tenant,
                rule.name(),
                translation(view).references(tenant),
                Stream.<KindRef<?>>concat(NAMED.stream(), Stream.of(rule.kind()))
                        .toList(),
                uids,
                view);
    }

    private CustomTranslation translation(TenantView view) {
        return new CustomTranslation(
                rule,
                view.names(),
                (shown, name) -> view.hostObject(shown.kind(), name)
                        .filter(shown.shown()::has)
                        .isPresent());
    }
}
