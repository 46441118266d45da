package io.insula.tenantapi.aggregation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.aggregation.Registration.Change;
import io.insula.tenantapi.aggregation.Registration.Local;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.client.ObjectClient;
import io.insula.tenantapi.client.ObjectClient.Query;
import io.insula.tenantapi.registry.KindRegistry;
import io.insula.tenantapi.registry.ResourceKind;
import io.insula.tenantapi.webhook.HttpClients;
import io.insula.tenantapi.webhook.ServiceResolver;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the APIServices of one server, and knows which servers stand behind it. Thread-safe: readers hold an
/// immutable image; one thread works at a time, whoever finds more to do leaves it a note.
public final class Aggregation implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Aggregation.class);
    private static final GroupVersionResource API_SERVICES =
            new GroupVersionResource("apiregistration.k8s.io", "v1", "apiservices");
    private static final Duration LOOK = Duration.ofSeconds(30);
    private static final Duration LOOK_SOON = Duration.ofSeconds(5);
    private static final int LOOKS_AT_ONCE = 8;

    private final Supplier<? extends ObjectClient> client;
    private final KindRegistry kinds;
    private final InstantSource clock;
    private final ScheduledExecutorService timers;
    private final HttpClients clients;
    private final RemoteCalls calls;
    private final Availability availability;
    private final AtomicBoolean working = new AtomicBoolean();
    private final AtomicBoolean dirty = new AtomicBoolean();
    private final Map<String, JsonNode> seen = new ConcurrentHashMap<>();
    private volatile Map<String, RemoteService> remotes = Map.of();
    private volatile @Nullable ScheduledFuture<?> next;
    private volatile boolean started;
    private volatile boolean closed;

    /// @param client acts as the server itself
    /// @param identity what this server shows to those behind; empty for nothing
    /// @param timers shared
    public Aggregation(
            Supplier<? extends ObjectClient> client,
            KindRegistry kinds,
            ServiceResolver services,
            Optional<ProxyIdentity> identity,
            ScheduledExecutorService timers,
            InstantSource clock) {
        this.client = client;
        this.kinds = kinds;
        this.timers = timers;
        this.clock = clock;
        clients = new HttpClients(identity.map(ProxyIdentity::keyManagers).orElseGet(List::of));
        calls = new RemoteCalls(clients, services);
        availability = new Availability(client, calls);
        kinds.onChange(this::changed);
    }

    /// Begins; returns at once.
    public void start() {
        started = true;
        changed();
    }

    /// Who serves this group and version behind this server; empty when nobody does, or this server itself.
    public Optional<RemoteService> remote(String group, String version) {
        return Optional.ofNullable(remotes.get(version + "." + group)).filter(remote -> !kinds.serves(group, version));
    }

    /// All that [#remote] knows.
    public List<RemoteService> remotes() {
        return remotes.values().stream()
                .filter(remote -> !kinds.serves(remote.group(), remote.version()))
                .toList();
    }

    /// Sends requests on.
    public AggregatedProxy proxy() {
        return new AggregatedProxy(calls, timers);
    }

    /// An object has been written through this server. Returns at once.
    public void written(ResourceKind kind, ObjectNode object, boolean gone) {
        GroupVersionResource resource = kind.spec().gvr();
        if (resource.equals(API_SERVICES)) {
            JsonNode before = gone
                    ? seen.remove(Meta.name(object))
                    : seen.put(Meta.name(object), object.path("spec").deepCopy());
            if (gone || !object.path("spec").equals(before)) {
                changed();
            }
        } else if (!remotes.isEmpty() && isOfRemote(resource, object)) {
            changed();
        }
    }

    private boolean isOfRemote(GroupVersionResource resource, ObjectNode object) {
        String service = switch (resource.resource()) {
            case "services" -> resource.group().isEmpty() ? Meta.name(object) : "";
            case "endpointslices" -> Meta.labels(object).getOrDefault("kubernetes.io/service-name", "");
            default -> "";
        };
        return !service.isEmpty()
                && remotes.values().stream()
                        .map(RemoteService::place)
                        .anyMatch(place -> place.service().equals(service)
                                && place.namespace().equals(Meta.namespace(object)));
    }

    private void changed() {
        dirty.set(true);
        if (started && !closed && working.compareAndSet(false, true)) {
            Thread.ofVirtual().name("api-aggregation").start(this::work);
        }
    }

    private void work() {
        try {
            while (dirty.compareAndSet(true, false) && !closed) {
                List<ObjectNode> all =
                        client.get().list(API_SERVICES, "", Query.ALL).items();
                register(all);
                look(all);
            }
            again(remotes.values().stream().allMatch(RemoteService::available) ? LOOK : LOOK_SOON);
        } catch (RuntimeException e) {
            if (!closed) {
                LOG.atWarn().setCause(e).log("API services cannot be kept");
                again(LOOK_SOON);
            }
        } finally {
            working.set(false);
            if (dirty.get()) {
                // a note left while this thread was leaving
                changed();
            }
        }
    }

    /// Nothing behind: nothing to look at.
    private void again(Duration after) {
        ScheduledFuture<?> before = next;
        if (before != null) {
            before.cancel(false);
        }
        boolean needed = !remotes.isEmpty() && !closed;
        next = needed ? timers.schedule(this::changed, after.toMillis(), TimeUnit.MILLISECONDS) : null;
    }

    private void register(List<ObjectNode> all) {
        var served = new HashSet<Local>();
        kinds.all()
                .forEach(kind -> served.add(
                        new Local(kind.spec().kind().group(), kind.spec().kind().version(), kind.isCustom())));
        for (Change change : Registration.changes(served, all)) {
            try {
                apply(change);
            } catch (ApiException e) {
                // written by another meanwhile, or gone: the next look sees it
                if (!e.is("AlreadyExists") && !e.is("Conflict") && !e.is("NotFound")) {
                    throw e;
                }
            }
        }
    }

    private void apply(Change change) {
        ObjectClient server = client.get();
        switch (change) {
            case Change.Create(ObjectNode object) -> server.create(API_SERVICES, "", object);
            case Change.Replace(ObjectNode object) -> server.update(API_SERVICES, "", "", object);
            case Change.Delete(String name) -> server.delete(API_SERVICES, "", name, Json.object());
        }
    }

    private void look(List<ObjectNode> all) {
        Map<String, RemoteService> known = remotes;
        var wanted = new HashMap<String, RemoteService>();
        var objects = new HashMap<String, ObjectNode>();
        for (ObjectNode object : all) {
            JsonNode spec = object.path("spec");
            boolean local = kinds.serves(
                    spec.path("group").asText(), spec.path("version").asText());
            if (spec.path("service").isObject() && !local && !Meta.isBeingDeleted(object)) {
                RemoteService remote = RemoteService.of(object);
                RemoteService before = known.get(remote.name());
                objects.put(remote.name(), object);
                wanted.put(
                        remote.name(),
                        before == null ? remote : remote.knowing(before.available(), before.resources()));
            }
        }
        publish(wanted);
        if (wanted.isEmpty()) {
            return;
        }
        var threads = Thread.ofVirtual().name("api-availability-", 0).factory();
        try (var executor = Executors.newFixedThreadPool(LOOKS_AT_ONCE, threads)) {
            wanted.values()
                    .forEach(remote ->
                            executor.execute(() -> lookAt(remote, objects.getOrDefault(remote.name(), Json.object()))));
        }
    }

    private void lookAt(RemoteService remote, ObjectNode object) {
        try {
            Availability.Finding finding = availability.look(remote);
            RemoteService now = finding.isAvailable()
                    ? remote.knowing(true, finding.resources())
                    : remote.knowing(false, remote.resources());
            // first that it works, then that it is said to
            synchronized (this) {
                var image = new HashMap<>(remotes);
                if (image.replace(now.name(), now) != null) {
                    publish(image);
                }
            }
            Availability.patch(object, finding, Meta.timestamp(clock.instant()))
                    .ifPresent(patch -> client.get().mergePatch(API_SERVICES, "", remote.name(), "status", patch));
        } catch (ApiException e) {
            LOG.atDebug().setCause(e).addKeyValue("name", remote.name()).log("API service was not told its status");
        }
    }

    private synchronized void publish(Map<String, RemoteService> image) {
        remotes = Map.copyOf(image);
    }

    @Override
    public void close() {
        closed = true;
        again(LOOK);
        clients.close();
    }
}
