package io.insula.tenantapi.controllers.garbage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Outcome;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.ObjectEvent;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.ports.ObjectClient.ResourceInfo;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Background deletion (an object whose owners are all gone goes too), foreground deletion (an owner stays until its
/// blocking dependents are gone) and orphaning. Keys are uids. Source: kubernetes, `pkg/controller/garbagecollector`.
final class GarbageCollector implements Controller {

    private static final Duration RESYNC = Duration.ofSeconds(30);
    private static final Duration UNSEEN = Duration.ofMillis(500);
    private static final Set<GroupVersionResource> IGNORED =
            Set.of(Resources.EVENTS, new GroupVersionResource("events.k8s.io", "v1", "events"));

    private final ControllerContext context;
    private final ObjectClient client;
    private final OwnerGraph graph = new OwnerGraph();
    private final Map<GroupVersionResource, AutoCloseable> followed = new HashMap<>();

    private GarbageCollector(ControllerContext context) {
        this.context = context;
        this.client = context.client();
        context.later(Duration.ZERO, this::resyncAndRepeat);
    }

    @Singleton
    static final class Factory implements ControllerFactory {
        @Override
        public String name() {
            return "generic-garbage-collector";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new GarbageCollector(context);
        }
    }

    @Override
    public ControllerSpec spec() {
        return ControllerSpec.watching(Resources.CUSTOM_RESOURCE_DEFINITIONS, event -> {
                    context.later(Duration.ofMillis(200), this::resync);
                    return List.of();
                })
                .workers(10);
    }

    @Override
    public Outcome reconcile(Key key) {
        Optional<OwnerGraph.Node> found = graph.get(key.name());
        if (found.isEmpty()) {
            return Outcome.SETTLED;
        }
        OwnerGraph.Node node = found.get();
        if (node.orphans()) {
            return orphan(node);
        }
        if (node.waitsForDependents()) {
            return awaitDependents(node);
        }
        return node.going() || node.owners().isEmpty() ? Outcome.SETTLED : checkOwners(node);
    }

    private Outcome orphan(OwnerGraph.Node node) {
        for (OwnerGraph.Node dependent : storedDependents(node)) {
            dropOwners(dependent, uid -> uid.equals(node.uid()));
        }
        dropFinalizer(node, "orphan");
        return Outcome.SETTLED;
    }

    private Outcome awaitDependents(OwnerGraph.Node node) {
        List<OwnerGraph.Node> dependents = graph.dependentsOf(node.uid());
        boolean blocked = false;
        for (OwnerGraph.Node dependent : dependents) {
            blocked |= dependent.isBlocking(node.uid());
            if (!dependent.going()) {
                context.enqueueAfter(Key.cluster(dependent.uid()), Duration.ZERO);
            }
        }
        if (blocked) {
            return Outcome.SETTLED;
        }
        if (storedDependents(node).stream().anyMatch(d -> d.isBlocking(node.uid()))) {
            return Outcome.after(UNSEEN, "its dependents to be seen");
        }
        dropFinalizer(node, "foregroundDeletion");
        return Outcome.SETTLED;
    }

    /// As the store has them. The graph follows the store at a distance, and an owner that goes a moment after its
    /// dependents came would take along what it should have left.
    private List<OwnerGraph.Node> storedDependents(OwnerGraph.Node owner) {
        String namespace = owner.key().namespace();
        var found = new ArrayList<OwnerGraph.Node>();
        for (ResourceInfo info : client.resources()) {
            if (isFollowed(info) && (info.namespaced() || namespace.isEmpty())) {
                client.list(info.resource(), namespace, ObjectClient.Query.ALL).items().stream()
                        .map(object -> OwnerGraph.Node.of(info.resource(), object))
                        .filter(node ->
                                node.owners().stream().anyMatch(o -> o.uid().equals(owner.uid())))
                        .forEach(found::add);
            }
        }
        return found;
    }

    private boolean isFollowed(ResourceInfo info) {
        synchronized (followed) {
            return followed.containsKey(info.resource());
        }
    }

    /// What an owner reference points at.
    private enum Standing {
        SOLID,
        GONE,
        WAITING,
        UNKNOWN
    }

    private Outcome checkOwners(OwnerGraph.Node node) {
        Map<String, Standing> standings = new HashMap<>();
        node.owners().forEach(owner -> standings.put(owner.uid(), standing(node, owner)));
        if (standings.containsValue(Standing.UNKNOWN)) {
            return Outcome.after(RESYNC, "the kind of an owner to be served");
        }
        if (standings.containsValue(Standing.SOLID)) {
            if (standings.values().stream().anyMatch(s -> s != Standing.SOLID)) {
                dropOwners(node, uid -> standings.getOrDefault(uid, Standing.SOLID) != Standing.SOLID);
            }
            return Outcome.SETTLED;
        }
        if (standings.containsValue(Standing.WAITING)
                && !graph.dependentsOf(node.uid()).isEmpty()) {
            unblockCycle(node);
            delete(node, "Foreground");
        } else {
            delete(node, policyOf(node));
        }
        return Outcome.SETTLED;
    }

    private Standing standing(OwnerGraph.Node node, OwnerGraph.Owner owner) {
        Optional<OwnerGraph.Node> known = graph.get(owner.uid()).filter(o -> reaches(o, node));
        if (known.isPresent()) {
            return known.get().waitsForDependents() ? Standing.WAITING : Standing.SOLID;
        }
        Optional<ResourceInfo> resource = resourceOf(owner.kind());
        if (resource.isEmpty()) {
            return Standing.UNKNOWN;
        }
        if (resource.get().namespaced() && node.key().namespace().isEmpty()) {
            tellInvalid(node, owner);
            return Standing.UNKNOWN;
        }
        String namespace = resource.get().namespaced() ? node.key().namespace() : "";
        Optional<ObjectNode> live = client.get(resource.get().resource(), namespace, owner.name())
                .filter(o -> Meta.uid(o).equals(owner.uid()));
        return live.isEmpty() ? Standing.GONE : liveStanding(resource.get().resource(), live.get());
    }

    private static Standing liveStanding(GroupVersionResource resource, ObjectNode live) {
        return OwnerGraph.Node.of(resource, live).waitsForDependents() ? Standing.WAITING : Standing.SOLID;
    }

    /// An owner is cluster-scoped or in the dependent's namespace.
    private static boolean reaches(OwnerGraph.Node owner, OwnerGraph.Node dependent) {
        String namespace = owner.key().namespace();
        return namespace.isEmpty() || namespace.equals(dependent.key().namespace());
    }

    private void tellInvalid(OwnerGraph.Node node, OwnerGraph.Owner owner) {
        client.get(node.resource(), node.key().namespace(), node.key().name())
                .ifPresent(object -> context.events()
                        .warning(
                                object,
                                "OwnerRefInvalidNamespace",
                                "ownerRef [" + owner.kind() + ", name: " + owner.name() + ", uid: " + owner.uid()
                                        + "] does not exist in namespace \""
                                        + node.key().namespace() + "\""));
    }

    private Optional<ResourceInfo> resourceOf(GroupVersionKind kind) {
        return client.resources().stream()
                .filter(r ->
                        r.kind().equals(kind.kind()) && r.resource().group().equals(kind.group()))
                .findFirst();
    }

    /// Two objects that own each other would wait for each other for ever.
    private void unblockCycle(OwnerGraph.Node node) {
        boolean cycle = graph.dependentsOf(node.uid()).stream().anyMatch(OwnerGraph.Node::waitsForDependents);
        if (!cycle) {
            return;
        }
        live(node).ifPresent(object -> {
            ArrayNode references = Json.MAPPER.createArrayNode();
            object.path("metadata").path("ownerReferences").forEach(ref -> {
                ObjectNode copy = ref.deepCopy();
                references.add(copy.put("blockOwnerDeletion", false));
            });
            patchMeta(node, object, "ownerReferences", references);
        });
    }

    private static String policyOf(OwnerGraph.Node node) {
        if (node.finalizers().contains("orphan")) {
            return "Orphan";
        }
        return node.finalizers().contains("foregroundDeletion") ? "Foreground" : "Background";
    }

    private void delete(OwnerGraph.Node node, String policy) {
        Optional<ObjectNode> live = live(node);
        if (live.isEmpty() || !sameOwners(node, live.get())) {
            return; // changed meanwhile: its event brings it back
        }
        ObjectNode options = Json.object().put("propagationPolicy", policy);
        options.putObject("preconditions").put("uid", node.uid());
        try {
            client.delete(node.resource(), node.key().namespace(), node.key().name(), options);
        } catch (ApiException e) {
            if (!e.is("NotFound")) {
                throw e;
            }
        }
    }

    private static boolean sameOwners(OwnerGraph.Node node, ObjectNode live) {
        return OwnerGraph.Node.of(node.resource(), live).owners().equals(node.owners());
    }

    private Optional<ObjectNode> live(OwnerGraph.Node node) {
        return client.get(node.resource(), node.key().namespace(), node.key().name())
                .filter(object -> Meta.uid(object).equals(node.uid()));
    }

    private void dropOwners(OwnerGraph.Node node, Predicate<String> byUid) {
        live(node).ifPresent(object -> {
            ArrayNode kept = Json.MAPPER.createArrayNode();
            for (JsonNode reference : object.path("metadata").path("ownerReferences")) {
                if (!byUid.test(reference.path("uid").asText())) {
                    kept.add(reference.deepCopy());
                }
            }
            patchMeta(node, object, "ownerReferences", kept);
        });
    }

    private void dropFinalizer(OwnerGraph.Node node, String finalizer) {
        live(node).ifPresent(object -> {
            ArrayNode kept = Json.MAPPER.createArrayNode();
            Meta.finalizers(object).stream().filter(f -> !f.equals(finalizer)).forEach(kept::add);
            patchMeta(node, object, "finalizers", kept);
        });
    }

    private void patchMeta(OwnerGraph.Node node, ObjectNode live, String field, ArrayNode value) {
        ObjectNode patch = Json.object();
        ObjectNode meta = patch.putObject("metadata").put("resourceVersion", Meta.resourceVersion(live));
        meta.set(field, value);
        try {
            client.mergePatch(
                    node.resource(), node.key().namespace(), node.key().name(), "", patch);
        } catch (ApiException e) {
            if (!e.is("NotFound")) {
                throw e;
            }
        }
    }

    private void resyncAndRepeat() {
        try {
            resync();
        } finally {
            context.later(RESYNC, this::resyncAndRepeat);
        }
    }

    /// Follows what is served now.
    private void resync() {
        var wanted = new ArrayList<GroupVersionResource>();
        for (ResourceInfo info : client.resources()) {
            if (info.verbs().containsAll(Set.of("list", "watch", "delete")) && !IGNORED.contains(info.resource())) {
                wanted.add(info.resource());
            }
        }
        synchronized (followed) {
            wanted.forEach(resource ->
                    followed.computeIfAbsent(resource, r -> context.followMetadata(r, event -> observe(r, event))));
            for (GroupVersionResource resource : List.copyOf(followed.keySet())) {
                if (!wanted.contains(resource)) {
                    end(followed.remove(resource));
                }
            }
        }
    }

    private static void end(@Nullable AutoCloseable followed) {
        if (followed == null) {
            return;
        }
        try {
            followed.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            throw new IllegalStateException("ending a metadata watch failed", e);
        }
    }

    private void observe(GroupVersionResource resource, ObjectEvent event) {
        OwnerGraph.Node node = OwnerGraph.Node.of(resource, event.object());
        if (event instanceof ObjectEvent.Deleted) {
            graph.remove(node.uid());
            graph.dependentsOf(node.uid()).forEach(d -> enqueue(d.uid()));
            node.owners().forEach(o -> enqueue(o.uid()));
            return;
        }
        graph.put(node);
        if (!node.owners().isEmpty() || node.going()) {
            enqueue(node.uid());
        }
        if (node.going() || event instanceof ObjectEvent.Updated) {
            node.owners().stream()
                    .filter(o ->
                            graph.get(o.uid()).filter(OwnerGraph.Node::going).isPresent())
                    .forEach(o -> enqueue(o.uid()));
        }
    }

    private void enqueue(String uid) {
        context.enqueueAfter(Key.cluster(uid), Duration.ZERO);
    }
}
