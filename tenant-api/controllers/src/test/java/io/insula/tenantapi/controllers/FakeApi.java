package io.insula.tenantapi.controllers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.ports.ObjectClient;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// An API server in memory, as far as controllers can tell: resourceVersions and conflicts, generateName, generation,
/// the status subresource, finalizers, graceful pod deletion, namespaces' finalize, pod binding, watches in order.
/// No defaulting, validation or admission: tests write complete objects.
///
/// Thread-safe: guarded by `this`; watch events are delivered in order on one thread per watch.
public final class FakeApi implements ObjectClient, AutoCloseable {

    private static final Set<String> WITH_GRACE = Set.of("pods");
    private static final Set<String> VERBS = Set.of("create", "delete", "get", "list", "patch", "update", "watch");

    private final Map<GroupVersionResource, ResourceInfo> served = new LinkedHashMap<>();
    private final Map<GroupVersionResource, Map<String, ObjectNode>> stored = new LinkedHashMap<>();
    private final List<Watch> watches = new ArrayList<>();
    private final List<String> writes = new ArrayList<>();
    private final Set<String> goneNamespaces = new HashSet<>();
    private final Set<GroupVersionResource> held = new HashSet<>();
    private final AtomicInteger names = new AtomicInteger();
    private final Clock clock;
    private long revision = 1;
    private List<ResourceInfo> behind = List.of();

    private record Change(GroupVersionResource resource, String type, ObjectNode object) {}

    private final List<Change> history = new ArrayList<>();

    public FakeApi(Clock clock) {
        this.clock = clock;
        serve(Resources.NAMESPACES, "Namespace", false);
        serve(Resources.NODES, "Node", false);
        serve(Resources.CLUSTER_ROLES, "ClusterRole", false);
        serve(Resources.RUNTIME_CLASSES, "RuntimeClass", false);
        serve(Resources.CUSTOM_RESOURCE_DEFINITIONS, "CustomResourceDefinition", false);
        serve(Resources.PERSISTENT_VOLUMES, "PersistentVolume", false);
        serve(Resources.STORAGE_CLASSES, "StorageClass", false);
        serve(Resources.PODS, "Pod", true);
        serve(Resources.CONFIG_MAPS, "ConfigMap", true);
        serve(Resources.SERVICE_ACCOUNTS, "ServiceAccount", true);
        serve(Resources.SERVICES, "Service", true);
        serve(Resources.ENDPOINTS, "Endpoints", true);
        serve(Resources.EVENTS, "Event", true);
        serve(Resources.ENDPOINT_SLICES, "EndpointSlice", true);
        serve(Resources.REPLICA_SETS, "ReplicaSet", true);
        serve(Resources.DEPLOYMENTS, "Deployment", true);
        serve(Resources.STATEFUL_SETS, "StatefulSet", true);
        serve(Resources.DAEMON_SETS, "DaemonSet", true);
        serve(Resources.CONTROLLER_REVISIONS, "ControllerRevision", true);
        serve(Resources.PERSISTENT_VOLUME_CLAIMS, "PersistentVolumeClaim", true);
        serve(Resources.RESOURCE_QUOTAS, "ResourceQuota", true);
        serve(Resources.POD_DISRUPTION_BUDGETS, "PodDisruptionBudget", true);
        serve(Resources.JOBS, "Job", true);
        serve(Resources.CRON_JOBS, "CronJob", true);
        serve(Resources.LEASES, "Lease", true);
        serve(Resources.API_SERVICES, "APIService", false);
    }

    public synchronized void serve(GroupVersionResource resource, String kind, boolean namespaced) {
        served.put(resource, new ResourceInfo(resource, kind, namespaced, VERBS));
        stored.put(resource, new TreeMap<>());
    }

    /// `verb resource name` of each successful write, oldest first.
    public synchronized List<String> writes() {
        return List.copyOf(writes);
    }

    /// Ends every open watch, as a compaction or an overload does.
    public synchronized void endWatches() {
        List.copyOf(watches).forEach(Watch::end);
        watches.clear();
    }

    /// Delivers no changes of a resource any more until [#release], as a slow watch does.
    public synchronized void hold(GroupVersionResource resource) {
        held.add(resource);
    }

    /// Delivers what has been held, in order.
    public synchronized void release(GroupVersionResource resource) {
        held.remove(resource);
        watches.forEach(watch -> watch.catchUp(resource));
    }

    @Override
    public ObjectClient as(String controllerName) {
        return this;
    }

    @Override
    public synchronized Optional<ObjectNode> get(GroupVersionResource resource, String namespace, String name) {
        return Optional.ofNullable(table(resource).get(path(namespace, name))).map(ObjectNode::deepCopy);
    }

    @Override
    public synchronized ObjectList list(GroupVersionResource resource, String namespace, Query query) {
        List<ObjectNode> items = table(resource).values().stream()
                .filter(o -> matches(o, namespace, query))
                .map(ObjectNode::deepCopy)
                .toList();
        return new ObjectList(Long.toString(revision), items);
    }

    @Override
    public synchronized ObjectNode create(GroupVersionResource resource, String namespace, ObjectNode object) {
        ObjectNode created = object.deepCopy();
        ObjectNode meta = Meta.of(created);
        if (Meta.name(created).isEmpty()) {
            meta.put("name", meta.path("generateName").asText() + String.format("%05d", names.incrementAndGet()));
        }
        if (!namespace.isEmpty()) {
            meta.put("namespace", namespace);
        }
        String path = path(namespace, Meta.name(created));
        if (table(resource).containsKey(path)) {
            throw ApiException.alreadyExists(resource, Meta.name(created));
        }
        if (goneNamespaces.contains(path("", namespace))) {
            throw ApiException.notFound(Resources.NAMESPACES, namespace);
        }
        goneNamespaces.remove(resource.equals(Resources.NAMESPACES) ? path : "");
        if (!namespace.isEmpty() && namespaceIsGoing(namespace)) {
            throw ApiException.forbidden(
                    resource,
                    Meta.name(created),
                    "unable to create new content in namespace because it is being terminated");
        }
        meta.put("uid", UUID.randomUUID().toString()).put("creationTimestamp", Meta.timestamp(clock.instant()));
        meta.put("generation", 1);
        prepare(resource, created);
        store(resource, path, created, "ADDED");
        writes.add("create " + resource.resource() + " " + Meta.name(created));
        return created.deepCopy();
    }

    @Override
    public synchronized ObjectNode update(
            GroupVersionResource resource, String namespace, String subresource, ObjectNode object) {
        return write(resource, namespace, subresource, object, "update");
    }

    @Override
    public synchronized ObjectNode mergePatch(
            GroupVersionResource resource, String namespace, String name, String subresource, JsonNode patch) {
        ObjectNode merged = existing(resource, namespace, name).deepCopy();
        merge(merged, patch);
        return write(resource, namespace, subresource, merged, "patch");
    }

    @Override
    public synchronized ObjectNode createSubresource(
            GroupVersionResource resource, String namespace, String name, String subresource, ObjectNode body) {
        if (!subresource.equals("binding")) {
            throw ApiException.noSuchResource();
        }
        ObjectNode pod = existing(resource, namespace, name).deepCopy();
        if (!pod.path("spec").path("nodeName").asText("").isEmpty()) {
            throw ApiException.conflict(resource, name, "pod " + name + " is already assigned to node");
        }
        pod.withObjectProperty("spec")
                .put("nodeName", body.path("target").path("name").asText());
        store(resource, path(namespace, name), pod, "MODIFIED");
        writes.add("bind " + resource.resource() + " " + name);
        return ApiException.base(201, "", "");
    }

    @Override
    public synchronized ObjectNode delete(
            GroupVersionResource resource, String namespace, String name, ObjectNode options) {
        ObjectNode current = existing(resource, namespace, name);
        String wantedUid = options.path("preconditions").path("uid").asText("");
        if (!wantedUid.isEmpty() && !wantedUid.equals(Meta.uid(current))) {
            throw ApiException.conflict(resource, name, "Precondition failed: UID in precondition: " + wantedUid);
        }
        writes.add("delete " + resource.resource() + " " + name);
        ObjectNode changed = current.deepCopy();
        addPropagationFinalizer(changed, options.path("propagationPolicy").asText(""));
        long grace = grace(resource, changed, options);
        if (grace == 0 && Meta.finalizers(changed).isEmpty() && !waitsForFinalize(resource, changed)) {
            remove(resource, path(namespace, name));
            return ApiException.base(200, "", "");
        }
        if (!Meta.isBeingDeleted(changed)) {
            Meta.of(changed)
                    .put("deletionTimestamp", Meta.timestamp(clock.instant().plusSeconds(grace)))
                    .put("deletionGracePeriodSeconds", grace);
        }
        if (resource.equals(Resources.NAMESPACES)) {
            changed.withObjectProperty("status").put("phase", "Terminating");
        }
        store(resource, path(namespace, name), changed, "MODIFIED");
        return changed.deepCopy();
    }

    @Override
    public synchronized AutoCloseable watch(
            GroupVersionResource resource,
            String namespace,
            String resourceVersion,
            Query query,
            WatchHandler handler) {
        table(resource);
        var watch = new Watch(resource, namespace, query, handler);
        long from = Long.parseLong(resourceVersion);
        history.stream()
                .filter(c -> Long.parseLong(Meta.resourceVersion(c.object())) > from)
                .forEach(watch::offer);
        watches.add(watch);
        return () -> {
            synchronized (this) {
                watches.remove(watch);
            }
            watch.thread.shutdown();
        };
    }

    @Override
    public synchronized List<ResourceInfo> resources() {
        return List.copyOf(served.values());
    }

    @Override
    public synchronized List<ResourceInfo> resourcesBehind() {
        return behind;
    }

    /// From now on this resource is another server's: it is deleted with its namespace all the same.
    public synchronized void serveBehind(GroupVersionResource resource, String kind) {
        serve(resource, kind, true);
        behind = List.of(java.util.Objects.requireNonNull(served.remove(resource)));
    }

    @Override
    public synchronized void close() {
        watches.forEach(w -> w.thread.shutdownNow());
        watches.clear();
    }

    private ObjectNode write(
            GroupVersionResource resource, String namespace, String subresource, ObjectNode object, String verb) {
        String name = Meta.name(object);
        ObjectNode current = existing(resource, namespace, name);
        String version = Meta.resourceVersion(object);
        if (!version.isEmpty() && !version.equals(Meta.resourceVersion(current))) {
            throw ApiException.modified(resource, name);
        }
        ObjectNode changed = object.deepCopy();
        copyOrRemove(current, changed, subresource.equals("status") ? "spec" : "status");
        if (subresource.equals("finalize")) {
            changed = current.deepCopy();
            changed.set("spec", object.get("spec"));
        }
        if (!changed.path("spec").equals(current.path("spec"))) {
            Meta.of(changed).put("generation", Meta.generation(current) + 1);
        }
        ObjectNode same = changed.deepCopy();
        Meta.of(same).put("resourceVersion", Meta.resourceVersion(current));
        if (same.equals(current)) {
            return current.deepCopy();
        }
        writes.add(verb + " " + resource.resource() + (subresource.isEmpty() ? "" : "/" + subresource) + " " + name);
        String path = path(namespace, name);
        boolean free = Meta.finalizers(changed).isEmpty() && !waitsForFinalize(resource, changed);
        if (Meta.isBeingDeleted(changed) && free && !graceIsLeft(resource, changed)) {
            remove(resource, path);
            return changed;
        }
        store(resource, path, changed, "MODIFIED");
        return changed.deepCopy();
    }

    private static boolean graceIsLeft(GroupVersionResource resource, ObjectNode object) {
        return WITH_GRACE.contains(resource.resource())
                && object.path("metadata").path("deletionGracePeriodSeconds").asLong() > 0;
    }

    private static long grace(GroupVersionResource resource, ObjectNode object, ObjectNode options) {
        if (!WITH_GRACE.contains(resource.resource())) {
            return 0;
        }
        String phase = object.path("status").path("phase").asText();
        boolean unscheduled = object.path("spec").path("nodeName").asText("").isEmpty();
        if (unscheduled || phase.equals("Succeeded") || phase.equals("Failed")) {
            return 0;
        }
        if (options.has("gracePeriodSeconds")) {
            return options.path("gracePeriodSeconds").asLong();
        }
        return object.path("spec").path("terminationGracePeriodSeconds").asLong(30);
    }

    private static boolean waitsForFinalize(GroupVersionResource resource, ObjectNode object) {
        return resource.equals(Resources.NAMESPACES)
                && !object.path("spec").path("finalizers").isEmpty();
    }

    private static void addPropagationFinalizer(ObjectNode object, String policy) {
        String finalizer = switch (policy) {
            case "Foreground" -> "foregroundDeletion";
            case "Orphan" -> "orphan";
            default -> "";
        };
        if (!finalizer.isEmpty() && !Meta.finalizers(object).contains(finalizer)) {
            Meta.of(object).withArrayProperty("finalizers").add(finalizer);
        }
    }

    private boolean namespaceIsGoing(String namespace) {
        ObjectNode found = table(Resources.NAMESPACES).get(path("", namespace));
        return found != null && Meta.isBeingDeleted(found);
    }

    private static void prepare(GroupVersionResource resource, ObjectNode created) {
        if (resource.equals(Resources.NAMESPACES)) {
            created.withObjectProperty("spec").putArray("finalizers").add("kubernetes");
            created.withObjectProperty("status").put("phase", "Active");
        }
        if (resource.equals(Resources.PODS) && !created.path("status").has("phase")) {
            created.withObjectProperty("status").put("phase", "Pending");
        }
    }

    private static void copyOrRemove(ObjectNode from, ObjectNode to, String field) {
        if (from.has(field)) {
            to.set(field, from.get(field).deepCopy());
        } else if (field.equals("status")) {
            to.remove(field);
        }
    }

    private static void merge(ObjectNode target, JsonNode patch) {
        for (Map.Entry<String, JsonNode> field : patch.properties()) {
            if (field.getValue().isNull()) {
                target.remove(field.getKey());
            } else if (field.getValue().isObject()) {
                JsonNode into = target.get(field.getKey());
                ObjectNode child = into instanceof ObjectNode object ? object : target.putObject(field.getKey());
                merge(child, field.getValue());
            } else {
                target.set(field.getKey(), field.getValue().deepCopy());
            }
        }
    }

    private void store(GroupVersionResource resource, String path, ObjectNode object, String type) {
        Meta.of(object).put("resourceVersion", Long.toString(++revision));
        table(resource).put(path, object);
        tell(resource, type, object);
    }

    private void remove(GroupVersionResource resource, String path) {
        if (resource.equals(Resources.NAMESPACES)) {
            goneNamespaces.add(path);
        }
        ObjectNode last = table(resource).remove(path);
        if (last != null) {
            Meta.of(last).put("resourceVersion", Long.toString(++revision));
            tell(resource, "DELETED", last);
        }
    }

    private void tell(GroupVersionResource resource, String type, ObjectNode object) {
        var change = new Change(resource, type, object.deepCopy());
        history.add(change);
        watches.forEach(w -> w.offer(change));
    }

    private ObjectNode existing(GroupVersionResource resource, String namespace, String name) {
        ObjectNode found = table(resource).get(path(namespace, name));
        if (found == null) {
            throw ApiException.notFound(resource, name);
        }
        return found;
    }

    private Map<String, ObjectNode> table(GroupVersionResource resource) {
        @Nullable Map<String, ObjectNode> table = stored.get(resource);
        if (table == null) {
            throw ApiException.noSuchResource();
        }
        return table;
    }

    private static String path(String namespace, String name) {
        return namespace + "/" + name;
    }

    private static boolean matches(ObjectNode object, String namespace, Query query) {
        if (!namespace.isEmpty() && !namespace.equals(Meta.namespace(object))) {
            return false;
        }
        String field = query.fieldSelector();
        if (field.isEmpty()) {
            return true;
        }
        int equals = field.indexOf('=');
        JsonNode at = object.at("/" + field.substring(0, equals).replace('.', '/'));
        return at.asText("").equals(field.substring(equals + 1));
    }

    private final class Watch {
        private final GroupVersionResource resource;
        private final String namespace;
        private final Query query;
        private final WatchHandler handler;
        private final List<Change> late = new ArrayList<>();
        private final ExecutorService thread = Executors.newSingleThreadExecutor(
                Thread.ofVirtual().name("fake-watch").factory());

        Watch(GroupVersionResource resource, String namespace, Query query, WatchHandler handler) {
            this.resource = resource;
            this.namespace = namespace;
            this.query = query;
            this.handler = handler;
        }

        void catchUp(GroupVersionResource released) {
            if (released.equals(resource)) {
                List<Change> missed = List.copyOf(late);
                late.clear();
                missed.forEach(this::offer);
            }
        }

        void offer(Change change) {
            if (change.resource().equals(resource) && matches(change.object(), namespace, query)) {
                if (held.contains(resource)) {
                    late.add(change);
                    return;
                }
                ObjectNode copy = change.object().deepCopy();
                thread.execute(() -> handler.onEvent(change.type(), copy));
            }
        }

        void end() {
            thread.execute(handler::onEnd);
            thread.shutdown();
        }
    }

    /// Delete options that say nothing.
    public static ObjectNode options() {
        return Json.object();
    }
}
