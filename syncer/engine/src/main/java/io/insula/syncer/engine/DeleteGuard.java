package io.insula.syncer.engine;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.insula.syncer.engine.Change.DeleteFromHost;
import java.util.Map;
import java.util.Optional;

/// Decides whether a host object may be deleted. It may, when all of this holds:
///
/// 1. the tenant's caches have listed everything since it was attached (the engine decides nothing before);
/// 2. the tenant's API server, asked now, answers what the change claims; no answer is no proof;
/// 3. a watch event told of the deletion; or the tenant still is the same cluster and the [BulkBreaker] lets it pass.
///
/// The same cluster: the uid of its namespace kube-system is the one noted on the host namespace when the
/// tenant was first attached. A store that was lost and started empty has another, or none, and deletes nothing
/// until somebody removes the note. The breaker, too, is closed again only by the same cluster, at a drift
/// scan.
///
/// Thread-safe.
final class DeleteGuard {

    static final String CLUSTER_UID = InsulaLabels.PREFIX + "cluster-uid";
    private static final String KUBE_SYSTEM = "/api/v1/namespaces/kube-system";

    private final Api host;
    private final Map<String, Syncer<?>> syncers;

    DeleteGuard(Api host, Map<String, Syncer<?>> syncers) {
        this.host = host;
        this.syncers = syncers;
    }

    /// Empty when it may; otherwise why not.
    ///
    /// @param objects how many host objects the tenant has
    Optional<String> objection(DeleteFromHost change, AttachedTenant tenant, SyncKey key, int objects) {
        var uid = uidOf(change.host());
        return switch (change.proof()) {
            case UNREFERENCED ->
                tenant.isReferenced(key.kind(), key.namespace(), key.name())
                        ? Optional.of("the object is referenced again")
                        : Optional.empty();
            case TENANT_OBJECT_NEEDS_NONE -> {
                var live = live(tenant, key);
                yield live.isPresent() && uid(live.get()).equals(uid) && !needsHost(tenant, key, live.get())
                        ? Optional.empty()
                        : Optional.of("the tenant object needs it");
            }
            case TENANT_OBJECT_TERMINATING -> {
                var live = live(tenant, key);
                yield live.isEmpty() || !uid(live.get()).equals(uid) || isTerminating(live.get())
                        ? Optional.empty()
                        : Optional.of("the tenant object is not being deleted");
            }
            case TENANT_OBJECT_GONE -> {
                var live = live(tenant, key);
                if (live.isPresent() && uid(live.get()).equals(uid)) {
                    yield Optional.of("the tenant object exists");
                }
                if (tenant.isWitnessed(key, uid)) {
                    yield Optional.empty();
                }
                if (!isSameCluster(tenant)) {
                    yield Optional.of("the tenant is not the cluster that was first attached");
                }
                // a reservation that nobody took up was never anybody's
                yield live.isPresent()
                                || Reservations.isReserved(change.host())
                                || tenant.breaker().allows(objects)
                        ? Optional.empty()
                        : Optional.of("too many objects vanished at once: waiting for proof that the tenant is intact");
            }
        };
    }

    /// Notes the tenant's identity on the host namespace at its first attach.
    ///
    /// @throws Api.ApiFailure if either side does not answer
    void noteIdentity(AttachedTenant tenant) {
        if (noted(tenant).isEmpty()) {
            identity(tenant).ifPresent(uid -> {
                var patch = Trees.object();
                patch.putObject("metadata").putObject("annotations").put(CLUSTER_UID, uid);
                host.send("PATCH", namespacePath(tenant), Api.MERGE_PATCH, patch);
            });
        }
    }

    /// Closes the breaker again if the tenant proves to be the cluster it was.
    void confirm(AttachedTenant tenant) {
        if (isSameCluster(tenant)) {
            tenant.breaker().confirm();
        }
    }

    private boolean isSameCluster(AttachedTenant tenant) {
        var noted = noted(tenant);
        return noted.isPresent() && noted.equals(identity(tenant));
    }

    private Optional<String> noted(AttachedTenant tenant) {
        return host.get(namespacePath(tenant))
                .map(namespace -> namespace
                        .path("metadata")
                        .path("annotations")
                        .path(CLUSTER_UID)
                        .asText(""))
                .filter(uid -> !uid.isEmpty());
    }

    private static Optional<String> identity(AttachedTenant tenant) {
        return tenant.api().get(KUBE_SYSTEM).map(DeleteGuard::uid);
    }

    private static String namespacePath(AttachedTenant tenant) {
        return "/api/v1/namespaces/" + tenant.id().hostNamespace();
    }

    private Optional<JsonNode> live(AttachedTenant tenant, SyncKey key) {
        var syncer = syncers.get(key.kind());
        if (syncer == null) {
            throw new IllegalStateException("no syncer for " + key);
        }
        return tenant.api().get(syncer.spec().kind().path(key.namespace(), key.name()));
    }

    private boolean needsHost(AttachedTenant tenant, SyncKey key, JsonNode live) {
        var syncer = syncers.get(key.kind());
        return syncer == null || needsHost(syncer, live, tenant);
    }

    private static <T extends HasMetadata> boolean needsHost(Syncer<T> syncer, JsonNode live, TenantView view) {
        return syncer.needsHost(Trees.as(live, syncer.spec().kind().type()), view);
    }

    private static String uidOf(HasMetadata host) {
        var annotations = host.getMetadata().getAnnotations();
        return annotations == null ? "" : annotations.getOrDefault(InsulaLabels.UID, "");
    }

    private static String uid(JsonNode object) {
        return object.path("metadata").path("uid").asText("");
    }

    private static boolean isTerminating(JsonNode object) {
        return object.path("metadata").hasNonNull("deletionTimestamp");
    }
}
