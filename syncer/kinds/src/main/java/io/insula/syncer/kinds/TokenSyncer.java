package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.DeleteFromHost;
import io.insula.syncer.engine.Change.IssueTokens;
import io.insula.syncer.engine.Change.Proof;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.SyncEvent;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.SyncSpec;
import io.insula.syncer.engine.SyncSpec.Direction;
import io.insula.syncer.engine.Syncer;
import io.insula.syncer.engine.TenantView;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The service account tokens of a pod, in one Secret on the host: issued by the tenant's API server, bound to
/// the pod, renewed in time, gone with the pod. No host token ever reaches a tenant's pod.
@Singleton
final class TokenSyncer implements Syncer<Pod> {

    private static final SyncSpec<Pod> SPEC = new SyncSpec<>(
                    PodTokens.NAME,
                    Kinds.POD,
                    Direction.TENANT_TO_HOST,
                    true,
                    List.of(Kinds.SECRET),
                    Map.of(
                            SyncSpec.resource(Kinds.SECRET),
                            Set.of("get", "list", "watch", "create", "patch", "delete")))
            .writing(Map.of("/serviceaccounts/token", Set.of("create")));

    @Override
    public SyncSpec<Pod> spec() {
        return SPEC;
    }

    @Override
    public List<Change> decide(SyncEvent<Pod> event, TenantView view) {
        return switch (event) {
            case TenantOnly<Pod>(var tenant) ->
                needsTokens(tenant) && tenant.getMetadata().getDeletionTimestamp() == null
                        ? List.of(issue(tenant, view))
                        : List.of();
            case Paired<Pod>(var tenant, var secret) ->
                needsTokens(tenant) && isDue(secret, view.now()) ? List.of(issue(tenant, view)) : List.of();
            case HostOnly<Pod>(var secret) ->
                List.of(new DeleteFromHost(Kinds.SECRET, secret, Proof.TENANT_OBJECT_GONE, "tenant pod is gone", null));
        };
    }

    /// A finished pod's are not renewed; a gated one has nowhere to be yet.
    private static boolean needsTokens(Pod tenant) {
        var phase = tenant.getStatus() == null ? "" : tenant.getStatus().getPhase();
        return !"Succeeded".equals(phase)
                && !"Failed".equals(phase)
                && tenant.getSpec().getSchedulingGates().isEmpty()
                && !PodTokens.wishes(tenant).isEmpty();
    }

    private static boolean isDue(HasMetadata secret, Instant now) {
        try {
            return !now.isBefore(Instant.parse(Kinds.annotation(secret, InsulaLabels.RENEW)));
        } catch (DateTimeParseException e) {
            return true;
        }
    }

    private static Change issue(Pod tenant, TenantView view) {
        var secret = new SecretBuilder()
                .withMetadata(view.names().hostMeta(PodTokens.NAME, tenant))
                .withType("Opaque")
                .build();
        return new IssueTokens(tenant, secret, PodTokens.wishes(tenant));
    }
}
