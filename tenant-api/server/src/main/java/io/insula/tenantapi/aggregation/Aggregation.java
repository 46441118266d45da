package io.insula.tenantapi.aggregation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.aggregation.Registration.Change;
import io.insula.tenantapi.aggregation.Registration.Local;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.client.Behind;
import io.insula.tenantapi.egress.Egress;
import io.insula.tenantapi.egress.EgressPolicy;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.ports.ObjectClient.Query;
import io.insula.tenantapi.registry.KindRegistry;
import io.insula.tenantapi.registry.ResourceKind;
import io.insula.tenantapi.webhook.ServiceResolver;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
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
    private final Egress egress;
    private final RemoteCalls calls;
    private final Availability availability;
    private final AtomicBoolean working = new AtomicBoolean();
    private final AtomicBoolean dirty = new AtomicBoolean();
    private final Map<String, JsonNode> seen = new ConcurrentHashMap<>();
    private volatile Map<String, RemoteService> remotes = Map.of();
    private volatile @Nullable ScheduledFuture<?> next;
    private volatile Progress progress = Progress.NONE;
    private volatile boolean started;
    private volatile boolean closed;

    /// @param client acts as the server itself
    /// @param policy where those behind may be
    /// @param identity what this server shows to those behind, asked at each request; empty for nothing
    /// @param timers shared
    public Aggregation(
            Supplier<? extends ObjectClient> client,
            KindRegistry kinds,
            ServiceResolver services,
            EgressPolicy policy,
            Optional<Supplier<ProxyIdentity>> identity,
            ScheduledExecutorService timers,
            InstantSource clock) {
        this.client = client;
        this.kinds = kinds;
        this.timers = timers;
        this.clock = clock;
        egress = new Egress(
                policy,
                identity.<Supplier<List<KeyManager>>>map(ShownIdentity::new).orElse(List::of));
        calls = new RemoteCalls(egress, services);
        availability = new Availability(client, calls);
        kinds.onChange(this::changed);
    }

    /// Begins. When it returns, what is served here is registered, unless the store did not answer.
    public void start() {
        try {
            behind(settle());
        } catch (RuntimeException e) {
            failed(e);
        }
        started = true;
        changed();
    }

    /// For health checks.
    public Progress progress() {
        return progress;
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

    /// What those behind keep.
    public Behind objects() {
        return new RemoteObjects(calls, this::remotes);
    }

    /// Sends requests on.
    public AggregatedProxy proxy() {
        return new AggregatedProxy(calls, timers);
    }

    /// An object has been written through this server. Returns at once.
    public void written(ResourceKind kind, ObjectNode object, boolean gone) {
        GroupVersionResource resource = kind.spec().gvr();
        if (resource.equals(API_SERVICES)) {
            // of remote ones, whose status changes often, only other specifications matter
            JsonNode spec = object.path("spec");
            boolean remote = !gone && spec.path("service").isObject();
            JsonNode before = remote ? seen.put(Meta.name(object), spec.deepCopy()) : seen.remove(Meta.name(object));
            if (!remote || !spec.equals(before)) {
                changed();
            }
        } else if (!remotes.isEmpty() && isOfRemote(resource, object)) {
            changed();
        }
    }

    private boolean isOfRemote(GroupVersionResource resource, ObjectNode object) {
        String service = switch (resource.resource()) {
            case "services" -> resource.group().isEmpty() ? Meta.name(object) : "";
            case "endpointslices" -> Meta.labels(object).getOrDefault(WellKnownKeys.SERVICE_NAME, "");
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
                look(settle());
            }
            boolean well =
                    remotes.values().stream().allMatch(each -> each.told().available());
            again(well ? LOOK : LOOK_SOON, !remotes.isEmpty());
        } catch (RuntimeException e) {
            failed(e);
        } finally {
            working.set(false);
            if (dirty.get()) {
                // a note left while this thread was leaving
                changed();
            }
        }
    }

    private void failed(RuntimeException e) {
        if (!closed) {
            LOG.atWarn().setCause(e).log("API services cannot be kept");
            again(LOOK_SOON, true);
        }
    }

    /// @param needed nothing behind: nothing to look at
    private void again(Duration after, boolean needed) {
        ScheduledFuture<?> before = next;
        if (before != null) {
            before.cancel(false);
        }
        next = needed && !closed ? timers.schedule(this::changed, after.toMillis(), TimeUnit.MILLISECONDS) : null;
    }

    /// Makes the APIServices say what is served here; answers them all.
    private List<ObjectNode> settle() {
        List<ObjectNode> all = list();
        progress = progress.read();
        Set<Local> served = served();
        List<Change> changes = Registration.changes(served, all);
        changes.forEach(this::applied);
        List<ObjectNode> now = changes.isEmpty() ? all : list();
        now.stream()
                .filter(object -> !object.path("spec").path("service").isObject() && !Meta.isBeingDeleted(object))
                .forEach(object -> tell(object, Availability.LOCAL));
        if (!progress.isComplete()) {
            progress = progress.written(Registration.missing(served, now));
        }
        return now;
    }

    private List<ObjectNode> list() {
        return client.get().list(API_SERVICES, "", Query.ALL).items();
    }

    private Set<Local> served() {
        var served = new HashSet<Local>();
        kinds.all()
                .forEach(kind -> served.add(
                        new Local(kind.spec().kind().group(), kind.spec().kind().version(), kind.isCustom())));
        return served;
    }

    private void applied(Change change) {
        try {
            apply(change);
        } catch (ApiException e) {
            // written by another meanwhile, or gone: the next look sees it
            if (!e.is("AlreadyExists") && !e.is("Conflict") && !e.is("NotFound")) {
                throw e;
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

    /// Publishes who is to be asked, and answers their APIServices by name.
    private Map<String, ObjectNode> behind(List<ObjectNode> all) {
        Map<String, RemoteService> known = remotes;
        var wanted = new HashMap<String, RemoteService>();
        var objects = new HashMap<String, ObjectNode>();
        for (ObjectNode object : all) {
            RemoteService remote = RemoteService.of(object);
            boolean behind = object.path("spec").path("service").isObject() && !Meta.isBeingDeleted(object);
            if (behind && !kinds.serves(remote.group(), remote.version())) {
                objects.put(remote.name(), object);
                wanted.put(remote.name(), remote.knowing(known.get(remote.name())));
            }
        }
        publish(wanted);
        progress = progress.asking();
        return objects;
    }

    private void look(List<ObjectNode> all) {
        Map<String, ObjectNode> objects = behind(all);
        Map<String, RemoteService> wanted = remotes;
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
        Availability.Finding finding = availability.look(remote);
        RemoteService now = remote.with(
                finding.isAvailable()
                        ? remote.told().answering(finding.resources())
                        : remote.told().silent());
        // first that it works, then that it is said to
        publish(now);
        tell(object, finding);
        if (finding.isAvailable()) {
            try {
                RemoteDocuments documents = now.told().documents().refreshed(calls, now);
                publish(now.with(now.told().with(documents)));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void tell(ObjectNode object, Availability.Finding finding) {
        try {
            Availability.patch(object, finding, clock.instant())
                    .ifPresent(patch -> client.get().mergePatch(API_SERVICES, "", Meta.name(object), "status", patch));
        } catch (ApiException e) {
            LOG.atDebug().setCause(e).addKeyValue("name", Meta.name(object)).log("API service was not told its status");
        }
    }

    private synchronized void publish(RemoteService remote) {
        var image = new HashMap<>(remotes);
        if (image.replace(remote.name(), remote) != null) {
            remotes = Map.copyOf(image);
        }
    }

    private synchronized void publish(Map<String, RemoteService> image) {
        remotes = Map.copyOf(image);
    }

    @Override
    public void close() {
        closed = true;
        again(LOOK, false);
        egress.close();
    }
}
