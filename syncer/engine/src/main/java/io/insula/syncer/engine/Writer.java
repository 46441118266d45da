package io.insula.syncer.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.insula.syncer.engine.Api.ApiFailure;
import io.insula.syncer.engine.Change.ApplyToHost;
import io.insula.syncer.engine.Change.ApplyToTenant;
import io.insula.syncer.engine.Change.BindInTenant;
import io.insula.syncer.engine.Change.CreateOnHost;
import io.insula.syncer.engine.Change.DeleteFromHost;
import io.insula.syncer.engine.Change.DeleteFromTenant;
import io.insula.syncer.engine.Change.EndInTenant;
import io.insula.syncer.engine.Change.IssueTokens;
import io.insula.syncer.engine.Change.LookAgain;
import io.insula.syncer.engine.Change.PatchHost;
import io.insula.syncer.engine.Change.PatchTenant;
import io.insula.syncer.engine.Change.TokenWish;
import io.insula.syncer.engine.SyncAudit.Side;
import io.insula.syncer.engine.SyncAudit.SyncWrite;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The only class that writes, on either side. Thread-safe.
final class Writer {

    private static final KindRef<Namespace> NAMESPACE = KindRef.of(Namespace.class, false);
    private static final KindRef<Secret> SECRET = KindRef.of(Secret.class, true);
    private static final KindRef<ServiceAccount> ACCOUNT = KindRef.of(ServiceAccount.class, true);
    private static final KindRef<Pod> POD = KindRef.of(Pod.class, true);

    private final Api host;
    private final HostCaches hostCaches;
    private final DeleteGuard guard;
    private final SyncAudit audit;
    private final InstantSource clock;
    private final IssuedTokens issued;

    Writer(Api host, HostCaches hostCaches, DeleteGuard guard, SyncAudit audit, InstantSource clock) {
        this.host = host;
        this.hostCaches = hostCaches;
        this.guard = guard;
        this.audit = audit;
        this.clock = clock;
        this.issued = new IssuedTokens(clock);
    }

    /// Whether the change issues tokens in the place of those that it has just issued, and that the host has not told
    /// of yet.
    boolean isUnseen(Change change, AttachedTenant tenant, SyncKey key) {
        return change instanceof IssueTokens(var pod, var secret, var _)
                && issued.isUnseen(key, pod.getMetadata().getUid(), shown(tenant, secret));
    }

    private String shown(AttachedTenant tenant, Secret secret) {
        return hostCaches
                .get(SECRET, tenant.id().hostNamespace(), secret.getMetadata().getName())
                .map(there -> there.getMetadata().getResourceVersion())
                .orElse("");
    }

    /// Whether the caches do not show this change as done.
    boolean isNeeded(Change change, AttachedTenant tenant) {
        return switch (change) {
            case ApplyToHost(var kind, var wanted) ->
                hostCaches
                        .get(
                                kind,
                                tenant.id().hostNamespace(),
                                wanted.getMetadata().getName())
                        .map(current -> differs(current, wanted, exact(kind, tenant)))
                        .orElse(true);
            case CreateOnHost(var kind, var wanted) ->
                hostCaches
                        .get(
                                kind,
                                tenant.id().hostNamespace(),
                                wanted.getMetadata().getName())
                        .isEmpty();
            case ApplyToTenant(var kind, var wanted, var _) ->
                tenant.tenantObject(
                                kind,
                                SyncKey.namespaceOf(wanted),
                                wanted.getMetadata().getName())
                        .map(current -> !Trees.contains(Trees.ofObject(current), Trees.ofObject(wanted)))
                        .orElse(true);
            case DeleteFromHost delete ->
                !delete.isMarked() || !tenant.syncers().areOnlyMarked(delete.kind());
            case LookAgain _ -> false;
            case EndInTenant(var _, var object, var _) -> object.getMetadata().getDeletionTimestamp() == null;
            case PatchHost _, PatchTenant _, BindInTenant _, DeleteFromTenant _, IssueTokens _ -> true;
        };
    }

    /// @return empty when done; otherwise why it is held back
    /// @throws ApiFailure if a server refused or did not answer
    @Nullable
    String carryOut(Change change, AttachedTenant tenant, SyncKey key) {
        if (!isNeeded(change, tenant)) {
            return null;
        }
        switch (change) {
            case ApplyToHost(var kind, var wanted) -> applyToHost(kind, wanted, tenant, key);
            case CreateOnHost(var kind, var wanted) -> createOnHost(kind, wanted, tenant, key);
            case PatchHost patch -> patchHost(patch, key);
            case DeleteFromHost delete -> {
                var objection = guard.objection(delete, tenant, key, objects(tenant));
                if (objection.isPresent()) {
                    return objection.get();
                }
                if (tenant.syncers().areOnlyMarked(delete.kind())) {
                    mark(delete, key);
                } else {
                    deleteFromHost(delete, key);
                }
            }
            case ApplyToTenant(var kind, var wanted, var subresource) ->
                send(
                        tenant.api(),
                        WriteRequest.apply(Side.TENANT, kind, wanted, subresource),
                        Api.APPLY,
                        applied(kind, wanted),
                        key,
                        "host state");
            case PatchTenant(var kind, var current, var subresource, var patch) ->
                send(
                        tenant.api(),
                        WriteRequest.patch(Side.TENANT, kind, current, subresource),
                        Api.MERGE_PATCH,
                        conditional(patch, current),
                        key,
                        "host state");
            case BindInTenant(var pod, var node) -> bind(tenant, pod, node, key);
            case DeleteFromTenant delete -> {
                var objection = guard.objection(delete, tenant, key);
                if (objection.isPresent()) {
                    return objection.get();
                }
                var options = preconditions(delete.tenant()).put("gracePeriodSeconds", 0);
                deleteFromTenant(tenant, delete.kind(), delete.tenant(), options, delete.reason(), key);
            }
            case EndInTenant(var kind, var object, var reason) ->
                deleteFromTenant(tenant, kind, object, preconditions(object), reason, key);
            case IssueTokens(var pod, var secret, var tokens) -> issueTokens(tenant, pod, secret, tokens, key);
            case LookAgain _ -> {
                // nothing is written
            }
        }
        return null;
    }

    /// Notes the tenant's identity on its host namespace: from now on what is missing there counts as deleted.
    ///
    /// @param uid the namespace that was looked at
    /// @return whether the tenant has an identity yet
    /// @throws ApiFailure if either side does not answer
    boolean noteIdentity(AttachedTenant tenant, String uid) {
        var identity = DeleteGuard.identity(tenant);
        if (identity.isEmpty()) {
            return false;
        }
        var patch = Trees.object();
        var metadata = patch.putObject("metadata").put("uid", uid);
        metadata.putObject("annotations").put(InsulaLabels.CLUSTER_UID, identity.get());
        send(
                host,
                WriteRequest.patch(Side.HOST, NAMESPACE, "", tenant.id().hostNamespace(), ""),
                Api.MERGE_PATCH,
                patch,
                new SyncKey(tenant.id(), NAMESPACE.kind(), "", "kube-system"),
                "identity of the tenant's cluster");
        return true;
    }

    private void applyToHost(KindRef<?> kind, HasMetadata wanted, AttachedTenant tenant, SyncKey key) {
        var body = forHost(kind, wanted, tenant, key);
        body.withObject("/metadata/annotations").put(InsulaLabels.APPLIED, hash(wanted));
        var applied = send(host, WriteRequest.apply(Side.HOST, kind, wanted, ""), Api.APPLY, body, key, "tenant state");
        takeOutForeign(kind, wanted, applied, exact(kind, tenant), key);
    }

    /// Apply leaves what others own.
    private void takeOutForeign(KindRef<?> kind, HasMetadata wanted, JsonNode applied, Set<String> exact, SyncKey key) {
        var undo = Foreign.undo(applied, Trees.ofObject(wanted), exact);
        if (undo.isEmpty()) {
            return;
        }
        undo.withObject("/metadata")
                .put("uid", applied.at("/metadata/uid").asText())
                .put("resourceVersion", applied.at("/metadata/resourceVersion").asText());
        send(host, WriteRequest.patch(Side.HOST, kind, wanted, ""), Api.MERGE_PATCH, undo, key, "not the tenant's");
    }

    private static Set<String> exact(KindRef<?> kind, AttachedTenant tenant) {
        return tenant.syncers().all().stream()
                .filter(syncer -> syncer.spec().hostKinds().contains(kind))
                .flatMap(syncer -> syncer.exactOnHost().stream())
                .collect(Collectors.toSet());
    }

    private void createOnHost(KindRef<?> kind, HasMetadata wanted, AttachedTenant tenant, SyncKey key) {
        var body = forHost(kind, wanted, tenant, key);
        send(host, WriteRequest.create(Side.HOST, kind, wanted), Api.JSON, body, key, "tenant state");
    }

    /// With the revision of the tenant object that it is made for, which is not among what is wanted: a status that
    /// moves is no reason to write.
    private ObjectNode forHost(KindRef<?> kind, HasMetadata wanted, AttachedTenant tenant, SyncKey key) {
        var body = applied(kind, wanted);
        tenant.syncers()
                .find(key.syncer())
                .filter(syncer -> syncer.spec().direction() == SyncSpec.Direction.TENANT_TO_HOST)
                .flatMap(syncer -> tenant.tenantObject(syncer.spec().kind(), key.namespace(), key.name()))
                .map(object -> object.getMetadata().getResourceVersion())
                .ifPresent(revision -> body.withObject("/metadata/annotations").put(InsulaLabels.REVISION, revision));
        return body;
    }

    private void patchHost(PatchHost patch, SyncKey key) {
        var current = patch.current();
        send(
                host,
                WriteRequest.patch(Side.HOST, patch.kind(), current, patch.subresource()),
                patch.subresource().isEmpty() ? Api.MERGE_PATCH : Api.STRATEGIC_PATCH,
                conditional(patch.patch(), current),
                key,
                "differs");
    }

    private void issueTokens(AttachedTenant tenant, Pod pod, Secret secret, List<TokenWish> tokens, SyncKey key) {
        var shown = shown(tenant, secret);
        var body = applied(SECRET, secret);
        var renewal = Instant.MAX;
        for (var wish : tokens) {
            var request = WriteRequest.post(Side.TENANT, ACCOUNT, pod, TokenRequests.account(pod), "token");
            var answer = send(
                    tenant.api(), request, Api.JSON, TokenRequests.body(pod, wish), key, "token of a pod's volume");
            var each = TokenRequests.add(body, wish, answer, clock.instant());
            renewal = each.isBefore(renewal) ? each : renewal;
        }
        body.withObject("/metadata/annotations").put(InsulaLabels.RENEW, renewal.toString());
        send(host, WriteRequest.apply(Side.HOST, SECRET, secret, ""), Api.APPLY, body, key, "tokens of a pod");
        issued.issued(key, pod.getMetadata().getUid(), shown);
    }

    private void deleteFromHost(DeleteFromHost delete, SyncKey key) {
        var options = preconditions(delete.host());
        if (!changesAllTheTime(delete.host())) {
            // what was decided on may have been given to another tenant object meanwhile
            options.withObject("/preconditions")
                    .put("resourceVersion", delete.host().getMetadata().getResourceVersion());
        }
        if (delete.graceSeconds() != null) {
            options.put("gracePeriodSeconds", delete.graceSeconds());
        }
        send(
                host,
                WriteRequest.delete(Side.HOST, delete.kind(), delete.host()),
                Api.JSON,
                options,
                key,
                delete.reason());
    }

    private void mark(DeleteFromHost delete, SyncKey key) {
        var patch = Trees.object();
        patch.withObject("/metadata/labels").put(InsulaLabels.ENDING, "true");
        send(
                host,
                WriteRequest.patch(Side.HOST, delete.kind(), delete.host(), ""),
                Api.MERGE_PATCH,
                conditional(patch, delete.host()),
                key,
                delete.reason());
    }

    private void deleteFromTenant(
            AttachedTenant tenant,
            KindRef<?> kind,
            HasMetadata object,
            ObjectNode options,
            String reason,
            SyncKey key) {
        send(tenant.api(), WriteRequest.delete(Side.TENANT, kind, object), Api.JSON, options, key, reason);
    }

    private void bind(AttachedTenant tenant, HasMetadata pod, String node, SyncKey key) {
        var body = Trees.object().put("apiVersion", "v1").put("kind", "Binding");
        body.putObject("metadata")
                .put("name", name(pod))
                .put("namespace", SyncKey.namespaceOf(pod))
                .put("uid", pod.getMetadata().getUid());
        body.putObject("target").put("apiVersion", "v1").put("kind", "Node").put("name", node);
        send(
                tenant.api(),
                WriteRequest.post(Side.TENANT, POD, pod, name(pod), "binding"),
                Api.JSON,
                body,
                key,
                "runs on " + node);
    }

    private static int objects(AttachedTenant tenant) {
        return tenant.syncers().carrying().stream()
                // of the others there are everybody's
                .filter(KindRef::namespaced)
                .mapToInt(kind -> tenant.hostObjects(kind).size())
                .sum();
    }

    /// The status of what runs.
    private static boolean changesAllTheTime(HasMetadata host) {
        return host instanceof Pod || host instanceof GenericKubernetesResource;
    }

    private JsonNode send(
            Api api, WriteRequest request, String contentType, JsonNode body, SyncKey key, String reason) {
        var auditId = UUID.randomUUID().toString();
        var begun = clock.instant();
        int code = 200;
        var failure = "";
        try {
            return api.send(request.method(), request.path(), contentType, body, auditId);
        } catch (ApiFailure e) {
            code = e.code();
            failure = String.valueOf(e.getMessage());
            boolean alreadyGone = code == 404 && request.method().equals("DELETE");
            if (!alreadyGone) {
                throw e;
            }
            return Trees.object();
        } finally {
            audit.written(new SyncWrite(
                    request.side(),
                    request.verb(),
                    request.target(),
                    request.path(),
                    auditId,
                    begun,
                    key,
                    code,
                    reason,
                    failure));
        }
    }

    private static boolean differs(HasMetadata current, HasMetadata wanted, Set<String> exact) {
        var annotations = current.getMetadata().getAnnotations();
        if (annotations == null || !hash(wanted).equals(annotations.get(InsulaLabels.APPLIED))) {
            return true;
        }
        var have = Trees.ofObject(current);
        var want = Trees.ofObject(wanted);
        return !Trees.contains(have, want) || !Foreign.undo(have, want, exact).isEmpty();
    }

    private static String hash(HasMetadata wanted) {
        return NameMap.hash("applied", Trees.ofObject(wanted).toString());
    }

    private static ObjectNode applied(KindRef<?> kind, HasMetadata wanted) {
        var tree = Trees.ofObject(wanted);
        tree.put("apiVersion", kind.apiVersion()).put("kind", kind.kind());
        return tree;
    }

    private static JsonNode conditional(JsonNode patch, HasMetadata current) {
        ObjectNode copy = patch.deepCopy();
        copy.withObject("/metadata").put("uid", current.getMetadata().getUid());
        return copy;
    }

    private static ObjectNode preconditions(HasMetadata object) {
        var options = Trees.object().put("apiVersion", "v1").put("kind", "DeleteOptions");
        options.putObject("preconditions").put("uid", object.getMetadata().getUid());
        return options;
    }

    private static String name(HasMetadata object) {
        return object.getMetadata().getName();
    }
}
