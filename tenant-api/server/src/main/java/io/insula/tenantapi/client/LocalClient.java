package io.insula.tenantapi.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.registry.Caller;
import io.insula.tenantapi.registry.DeleteOptions;
import io.insula.tenantapi.registry.KindRegistry;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ListOptions;
import io.insula.tenantapi.registry.ObjectPage;
import io.insula.tenantapi.registry.ObjectStore;
import io.insula.tenantapi.registry.PatchRequest;
import io.insula.tenantapi.registry.ResourceKind;
import io.insula.tenantapi.registry.Target;
import io.insula.tenantapi.registry.WatchSink;
import io.insula.tenantapi.registry.WriteOptions;
import io.insula.tenantapi.storage.Storage.Freshness;
import io.insula.tenantapi.wire.Decoded;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// The API of one server without HTTP, as a user who may do everything. Thread-safe.
public final class LocalClient implements ObjectClient {

    private final ObjectStore store;
    private final KindRegistry kinds;
    private final LocalAudit audit;
    private final UserInfo user;
    private final String agent;
    private final Freshness freshness;
    private final Supplier<? extends Behind> behind;

    private LocalClient(
            ObjectStore store,
            KindRegistry kinds,
            LocalAudit audit,
            Supplier<? extends Behind> behind,
            UserInfo user,
            String agent,
            Freshness freshness) {
        this.store = store;
        this.kinds = kinds;
        this.audit = audit;
        this.behind = behind;
        this.user = user;
        this.agent = agent;
        this.freshness = freshness;
    }

    /// The server's own client.
    public static LocalClient loopback(ObjectStore store, KindRegistry kinds, LocalAudit audit) {
        return loopback(store, kinds, audit, () -> Behind.NOBODY);
    }

    /// The server's own client, for which there is also what other servers serve.
    public static LocalClient loopback(
            ObjectStore store, KindRegistry kinds, LocalAudit audit, Supplier<? extends Behind> behind) {
        return new LocalClient(store, kinds, audit, behind, UserInfo.loopback(), "kube-apiserver", Freshness.LATEST);
    }

    /// Hears of every call, before its answer is handed out.
    public interface LocalAudit {

        /// Runs `call` and records it.
        <T> T around(Call call, Supplier<T> work);

        LocalAudit NONE = new LocalAudit() {
            @Override
            public <T> T around(Call call, Supplier<T> work) {
                return work.get();
            }
        };
    }

    /// One call, as an audit event tells it.
    ///
    /// @param name empty for a collection
    public record Call(
            UserInfo user,
            String agent,
            String verb,
            GroupVersionResource resource,
            String namespace,
            String name,
            String subresource) {}

    @Override
    public ObjectClient as(String controllerName) {
        return new LocalClient(
                store, kinds, audit, behind, UserInfo.controller(controllerName), controllerName, freshness);
    }

    @Override
    public ObjectClient recent() {
        return new LocalClient(store, kinds, audit, behind, user, agent, Freshness.OWN_WRITES);
    }

    @Override
    public ObjectClient atHand() {
        return new LocalClient(store, kinds, audit, behind, user, agent, Freshness.AT_HAND);
    }

    @Override
    public Optional<ObjectNode> get(GroupVersionResource resource, String namespace, String name) {
        return store.find(Target.object(kind(resource), namespace, name), freshness);
    }

    @Override
    public ObjectList list(GroupVersionResource resource, String namespace, Query query) {
        if (isBehind(resource)) {
            return behind.get().list(resource, namespace, query, user);
        }
        ObjectPage page = store.list(Target.collection(kind(resource), namespace), options(query), freshness);
        return new ObjectList(page.resourceVersion(), page.items());
    }

    @Override
    public ObjectNode create(GroupVersionResource resource, String namespace, ObjectNode object) {
        Target target = Target.collection(kind(resource), namespace);
        return audited(
                "create",
                target.withName(Meta.name(object)),
                () -> store.create(target, body(object), WriteOptions.DEFAULT, caller())
                        .object());
    }

    @Override
    public ObjectNode update(GroupVersionResource resource, String namespace, String subresource, ObjectNode object) {
        Target target = new Target(kind(resource), namespace, Meta.name(object), subresource);
        return audited(
                "update",
                target,
                () -> store.update(target, body(object), WriteOptions.DEFAULT, caller())
                        .object());
    }

    @Override
    public ObjectNode mergePatch(
            GroupVersionResource resource, String namespace, String name, String subresource, JsonNode patch) {
        Target target = new Target(kind(resource), namespace, name, subresource);
        var request = new PatchRequest(PatchRequest.Type.MERGE, patch.deepCopy(), List.of());
        return audited(
                "patch",
                target,
                () -> store.patch(target, request, WriteOptions.DEFAULT, caller())
                        .object());
    }

    @Override
    public ObjectNode createSubresource(
            GroupVersionResource resource, String namespace, String name, String subresource, ObjectNode body) {
        Target target = new Target(kind(resource), namespace, name, subresource);
        return audited(
                "create",
                target,
                () -> store.create(target, body(body), WriteOptions.DEFAULT, caller())
                        .object());
    }

    @Override
    public ObjectNode delete(GroupVersionResource resource, String namespace, String name, ObjectNode options) {
        if (isBehind(resource)) {
            return audit.around(
                    new Call(user, agent, "delete", resource, namespace, name, ""),
                    () -> behind.get().delete(resource, namespace, name, options, user));
        }
        Target target = Target.object(kind(resource), namespace, name);
        return audited("delete", target, () -> store.delete(target, DeleteOptions.of(options), caller()));
    }

    @Override
    public AutoCloseable watch(
            GroupVersionResource resource,
            String namespace,
            String resourceVersion,
            Query query,
            WatchHandler handler) {
        Target target = Target.collection(kind(resource), namespace);
        return store.watch(target, options(query).at(resourceVersion), new HandlerSink(handler));
    }

    @Override
    public List<ResourceInfo> resources() {
        return kinds.all().stream()
                .map(ResourceKind::spec)
                .filter(spec -> spec.verbs().contains("list"))
                .map(LocalClient::info)
                .toList();
    }

    @Override
    public List<ResourceInfo> resourcesBehind() {
        return behind.get().resources().stream()
                .filter(each -> isBehind(each.resource()))
                .toList();
    }

    /// A group and version that is served here is served by nobody else. What is served here is found at once; all
    /// kinds are looked through for the others only.
    private boolean isBehind(GroupVersionResource resource) {
        return kinds.find(resource).isEmpty() && !kinds.serves(resource.group(), resource.version());
    }

    private static ResourceInfo info(KindSpec spec) {
        return new ResourceInfo(spec.gvr(), spec.kind().kind(), spec.namespaced(), spec.verbs());
    }

    private ResourceKind kind(GroupVersionResource resource) {
        return kinds.find(resource).orElseThrow(ApiException::noSuchResource);
    }

    private Caller caller() {
        return Caller.of(user, agent);
    }

    private <T> T audited(String verb, Target target, Supplier<T> work) {
        return audit.around(
                new Call(
                        user,
                        agent,
                        verb,
                        target.kind().spec().gvr(),
                        target.namespace(),
                        target.name(),
                        target.subresource()),
                work);
    }

    private static Decoded body(ObjectNode object) {
        return new Decoded(object.deepCopy(), List.of());
    }

    private static ListOptions options(Query query) {
        return ListOptions.selecting(query.labelSelector(), query.fieldSelector());
    }

    /// Bookmarks are not asked for; an error ends the watch.
    private record HandlerSink(WatchHandler handler) implements WatchSink {
        @Override
        public boolean onEvent(String type, ObjectNode object) {
            switch (type) {
                case "ERROR" -> {
                    return false;
                }
                case "BOOKMARK" -> {}
                default -> handler.onEvent(type, object);
            }
            return true;
        }

        @Override
        public void onEnd() {
            handler.onEnd();
        }
    }
}
