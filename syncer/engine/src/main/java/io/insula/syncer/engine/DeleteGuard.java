package io.insula.syncer.engine;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.insula.syncer.engine.Api.ApiFailure;
import io.insula.syncer.engine.Change.DeleteFromHost;
import io.insula.syncer.engine.Change.DeleteFromTenant;
import java.util.HashSet;
import java.util.Optional;

/// Decides whether an object may be deleted, on either side. A host object may, when all of this holds:
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
/// A store that was set back to a backup is the same cluster, and lacks what came after it. Whoever restores one says
/// so ([TenantAttachment#setBack]); else it is known by a host object that was written for a later revision than
/// the store has come to ([InsulaLabels#REVISION]). Then nothing is deleted that no event told of, until a
/// person says so: not what the tenant does not have, not what it has another one of under the same name, and not what
/// these refer to.
///
/// A tenant object may be deleted for want of a host object, when all of this holds:
///
/// 1. the host, asked now, does not have it;
/// 2. its namespace there is the one that was found whole: it exists, is not being deleted, and carries the note of the
///    tenant's identity, before and after the question. A namespace that went took everything with it, which is no
///    word about any single object;
/// 3. a watch event of the host told of the deletion, or the tenant's own [BulkBreaker] lets it pass.
///
/// What the tenant itself asked to be deleted needs the first of these only.
///
/// Thread-safe.
final class DeleteGuard {

    /// Why the tenant keeps what the host has no more.
    static final String VANISHED_FROM_HOST =
            "too many objects vanished from the host at once: waiting for them, or for a person's word";

    private static final String MANAGED = "?labelSelector=" + InsulaLabels.MANAGED_BY + "%3D" + InsulaLabels.SYNCER;

    /// A volume binds the tenant's data; what other objects come down from the host hold nothing of the tenant's.
    private static final String VOLUME = "PersistentVolume";

    private static final int FORBIDDEN = 403;

    private static final String SET_BACK = "the tenant's store was set back to a time before the object: waiting for a"
            + " person's word whether what came later goes";

    /// A list's own version is the store's.
    private static final String STORE = "/api/v1/namespaces?limit=1";

    private static final String KUBE_SYSTEM = "/api/v1/namespaces/kube-system";

    private final ReadApi host;

    DeleteGuard(ReadApi host) {
        this.host = host;
    }

    /// Empty when it may; otherwise why not.
    ///
    /// @param objects how many host objects the tenant has
    Optional<String> objection(DeleteFromHost change, AttachedTenant tenant, SyncKey key, int objects) {
        var uid = uidOf(change.host());
        return switch (change.proof()) {
            case UNREFERENCED -> {
                if (tenant.isReferenced(key.syncer(), key.namespace(), key.name())) {
                    yield Optional.of("the object is referenced again");
                }
                // what refers to it may be one of those that are kept
                yield isHeldBack(tenant) ? Optional.of(SET_BACK) : Optional.empty();
            }
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
                if (isSetBack(tenant, change.host())) {
                    yield Optional.of(SET_BACK);
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

    /// Empty when it may; otherwise why not.
    Optional<String> objection(DeleteFromTenant change, AttachedTenant tenant, SyncKey key) {
        var meta = change.tenant().getMetadata();
        if (meta.getDeletionTimestamp() != null) {
            return change.hostGone() && isSeenOnHost(tenant, key)
                    ? Optional.of("the host object exists")
                    : Optional.empty();
        }
        var before = look(tenant);
        if (!before.isWhole()) {
            return Optional.of("the host namespace " + before.why());
        }
        if (change.hostGone()) {
            if (hostStillHas(tenant, key)) {
                return Optional.of("the host object exists");
            }
            var after = look(tenant);
            if (!after.isWhole() || !after.uid().equals(before.uid())) {
                return Optional.of(
                        after.isWhole() ? "the host namespace was replaced" : "the host namespace " + after.why());
            }
        }
        boolean isTenantsOwn = change.hostGone() || change.kind().kind().equals(VOLUME);
        return !isTenantsOwn
                        || tenant.isWitnessedOnHost(key, meta.getUid())
                        || tenant.tenantBreaker()
                                .allows(tenant.tenantObjects(change.kind()).size())
                ? Optional.empty()
                : Optional.of(VANISHED_FROM_HOST);
    }

    /// What the host says of the tenant's namespace now. The syncer's right to look at it stands in the namespace
    /// itself, so that one that is gone is forbidden rather than not found.
    ///
    /// @param isNew there is one, but it is not whole yet
    /// @param why for people; empty when it is whole
    record Look(String uid, boolean isNew, String why) {
        boolean isWhole() {
            return why.isEmpty();
        }
    }

    /// @throws ApiFailure if the host does not answer
    Look look(AttachedTenant tenant) {
        var name = tenant.id().hostNamespace();
        Optional<JsonNode> namespace;
        try {
            namespace = host.get(namespacePath(tenant));
        } catch (ApiFailure e) {
            if (e.code() != FORBIDDEN) {
                throw e;
            }
            return new Look("", false, name + " is gone, or closed to the syncer");
        }
        if (namespace.isEmpty()) {
            return new Look("", false, name + " is gone");
        }
        if (isTerminating(namespace.get())) {
            return new Look(uid(namespace.get()), false, name + " is being deleted");
        }
        return isNoted(namespace.get())
                ? new Look(uid(namespace.get()), false, "")
                : new Look(uid(namespace.get()), true, name + " is new: what the tenant has is restored first");
    }

    /// Whether the cache has none of the tenant's objects that the host does not have any more: in a new namespace
    /// the news of what was deleted with the old one may still be on its way.
    boolean isCaughtUp(AttachedTenant tenant, KindRef<?> kind) {
        var cached = tenant.hostObjects(kind).stream()
                .map(object -> object.getMetadata().getUid())
                .toList();
        if (cached.isEmpty()) {
            return true;
        }
        var live = new HashSet<String>();
        host.get(kind.path(tenant.id().hostNamespace(), "") + MANAGED)
                .ifPresent(list -> list.path("items").forEach(item -> live.add(uid(item))));
        return live.containsAll(cached);
    }

    /// The right to look goes with the namespace: what the tenant itself wants to end does not wait for another one. If
    /// it is still there, behind a namespace that is only closed, it goes as soon as it is open again.
    private boolean isSeenOnHost(AttachedTenant tenant, SyncKey key) {
        try {
            return hostStillHas(tenant, key);
        } catch (ApiFailure e) {
            if (e.code() == FORBIDDEN) {
                return false;
            }
            throw e;
        }
    }

    private boolean hostStillHas(AttachedTenant tenant, SyncKey key) {
        var syncer = syncer(tenant, key);
        var name = syncer.hostName(key.namespace(), key.name(), tenant.names());
        return syncer.spec().hostKinds().stream()
                .anyMatch(kind ->
                        host.get(kind.path(tenant.id().hostNamespace(), name)).isPresent());
    }

    private static boolean isNoted(JsonNode namespace) {
        return !namespace
                .path("metadata")
                .path("annotations")
                .path(InsulaLabels.CLUSTER_UID)
                .asText("")
                .isEmpty();
    }

    /// Closes the breaker again if the tenant proves to be the cluster it was.
    void confirm(AttachedTenant tenant) {
        if (isSameCluster(tenant) && !tenant.isSetBack()) {
            tenant.breaker().confirm();
        }
    }

    /// Whether it is known that the store was set back, and no person has said what goes.
    private static boolean isHeldBack(AttachedTenant tenant) {
        return tenant.isSetBack() && !tenant.breaker().isReleased();
    }

    private static boolean isSetBack(AttachedTenant tenant, HasMetadata orphan) {
        if (tenant.breaker().isReleased()) {
            return false;
        }
        if (!tenant.isSetBack() && isBefore(tenant, orphan)) {
            tenant.foundSetBack();
        }
        return tenant.isSetBack();
    }

    /// Whether the store has not come to what the object was made for. Revisions of a store only grow. Source: etcd,
    /// "Data model"; Kubernetes, KEP-5504, comparable resource versions.
    private static boolean isBefore(AttachedTenant tenant, HasMetadata orphan) {
        var annotations = orphan.getMetadata().getAnnotations();
        long made = number(annotations == null ? "" : annotations.getOrDefault(InsulaLabels.REVISION, ""));
        if (made < 0) {
            return false;
        }
        long now = tenant.api()
                .get(STORE)
                .map(list ->
                        number(list.path("metadata").path("resourceVersion").asText("")))
                .orElse(-1L);
        return now >= 0 && now < made;
    }

    /// Below zero for what is none.
    private static long number(String revision) {
        try {
            return Long.parseLong(revision);
        } catch (NumberFormatException e) {
            return -1;
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
                        .path(InsulaLabels.CLUSTER_UID)
                        .asText(""))
                .filter(uid -> !uid.isEmpty());
    }

    /// The uid of the tenant's namespace kube-system, by which its cluster is known again; empty while it has none.
    ///
    /// @throws Api.ApiFailure if the tenant does not answer
    static Optional<String> identity(AttachedTenant tenant) {
        return tenant.api().get(KUBE_SYSTEM).map(DeleteGuard::uid);
    }

    private static String namespacePath(AttachedTenant tenant) {
        return "/api/v1/namespaces/" + tenant.id().hostNamespace();
    }

    private static Optional<JsonNode> live(AttachedTenant tenant, SyncKey key) {
        return tenant.api().get(syncer(tenant, key).spec().kind().path(key.namespace(), key.name()));
    }

    private static boolean needsHost(AttachedTenant tenant, SyncKey key, JsonNode live) {
        return needsHost(syncer(tenant, key), live, tenant);
    }

    private static Syncer<?> syncer(AttachedTenant tenant, SyncKey key) {
        return tenant.syncers().find(key.syncer()).orElseThrow(() -> new IllegalStateException("no syncer for " + key));
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
