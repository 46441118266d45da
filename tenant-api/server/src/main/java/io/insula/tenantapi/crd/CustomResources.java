package io.insula.tenantapi.crd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.ports.ObjectClient.ObjectList;
import io.insula.tenantapi.ports.ObjectClient.Query;
import io.insula.tenantapi.registry.KindRegistry;
import io.insula.tenantapi.registry.ResourceKind;
import io.insula.tenantapi.webhook.WebhookClient;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps one server's registry in step with its definitions: those written through it at once ([#written]), those of
/// other writers by a watch. Removes the objects of a deleted definition before the definition itself.
///
/// Thread-safe: guarded by `this`; store calls happen outside the lock.
public final class CustomResources implements AutoCloseable {

    public static final GroupVersionResource DEFINITIONS =
            new GroupVersionResource("apiextensions.k8s.io", "v1", "customresourcedefinitions");

    private static final Logger LOG = LoggerFactory.getLogger(CustomResources.class);
    private static final long FIRST_PAUSE_SECONDS = 1;
    private static final long LONGEST_PAUSE_SECONDS = 30;

    private final KindRegistry kinds;
    private final ObjectClient client;
    private final ObjectClient unadmitted;
    private final ScheduledExecutorService timers;
    private final WebhookClient webhooks;
    private final Map<String, Long> revisions = new HashMap<>();
    private final Set<String> cleaning = new HashSet<>();
    private @Nullable AutoCloseable watch;
    private boolean closed;

    /// @param client acts as the server itself
    /// @param unadmitted the same past admission: a definition goes with its objects whatever webhooks and
    ///     policies say, or a webhook's definitions could not be removed with it. Source:
    ///     apiextensions-apiserver, the finalizer of definitions, which deletes in the storage
    /// @param timers shared; waits between attempts
    /// @param webhooks convert between versions
    public CustomResources(
            KindRegistry kinds,
            ObjectClient client,
            ObjectClient unadmitted,
            ScheduledExecutorService timers,
            WebhookClient webhooks) {
        this.webhooks = webhooks;
        this.kinds = kinds;
        this.client = client;
        this.unadmitted = unadmitted;
        this.timers = timers;
    }

    /// Loads all definitions and begins to watch them. Returns when every stored one is served.
    public void start() {
        ObjectList all = client.list(DEFINITIONS, "", Query.ALL);
        var present = new HashSet<String>();
        for (ObjectNode definition : all.items()) {
            present.add(Meta.name(definition));
            written(definition);
        }
        forgetAllBut(present);
        AutoCloseable started =
                client.watch(DEFINITIONS, "", all.resourceVersion(), Query.ALL, new ObjectClient.WatchHandler() {
                    @Override
                    public void onEvent(String type, ObjectNode object) {
                        if (type.equals("DELETED")) {
                            gone(object);
                        } else {
                            written(object);
                        }
                    }

                    @Override
                    public void onEnd() {
                        restart();
                    }
                });
        keep(started);
    }

    /// Serves what a just stored definition says. Older states than the known one are ignored.
    public void written(JsonNode definition) {
        String name = Meta.name(definition);
        boolean terminating = Meta.isBeingDeleted(definition);
        synchronized (this) {
            long revision = revision(definition);
            if (closed || revision <= revisions.getOrDefault(name, 0L)) {
                return;
            }
            revisions.put(name, revision);
            serve(name, definition);
            if (!terminating || !cleaning.add(name)) {
                return;
            }
        }
        // removing many objects takes long, and whoever told us must not wait
        Thread.ofVirtual().name("crd-cleanup-" + name).start(() -> clean(name));
    }

    /// Stops serving a definition that has left the store.
    public synchronized void gone(JsonNode definition) {
        String name = Meta.name(definition);
        if (revision(definition) >= revisions.getOrDefault(name, 0L)) {
            revisions.put(name, revision(definition));
            kinds.setCustom(name, List.of());
        }
    }

    private void serve(String name, JsonNode definition) {
        try {
            List<ResourceKind> served = DefinitionStatus.isEstablished(definition)
                    ? List.copyOf(CustomResourceKind.served(definition, webhooks))
                    : List.of();
            kinds.setCustom(name, served);
        } catch (RuntimeException e) {
            // one that another writer stored and we cannot serve must not take the others down
            LOG.atError().setCause(e).addKeyValue("name", name).log("definition cannot be served");
        }
    }

    /// An object may wait for whoever put a finalizer on it, for as long as it likes.
    private void clean(String name) {
        try {
            tellTerminating(name);
            for (long pause = FIRST_PAUSE_SECONDS;
                    !isClosed() && !isClean(name);
                    pause = Math.min(2 * pause, LONGEST_PAUSE_SECONDS)) {
                TimeUnit.SECONDS.sleep(pause);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            synchronized (this) {
                cleaning.remove(name);
            }
        }
    }

    private boolean isClean(String name) {
        try {
            return cleanOnce(name);
        } catch (RuntimeException e) {
            LOG.atWarn().setCause(e).addKeyValue("name", name).log("objects of a definition cannot be removed yet");
            return false;
        }
    }

    /// The kind itself adds the condition to whatever is written while the definition goes.
    private void tellTerminating(String name) {
        try {
            client.get(DEFINITIONS, "", name)
                    .filter(definition -> Meta.finalizers(definition).contains(DefinitionStatus.FINALIZER))
                    .ifPresent(definition -> client.update(DEFINITIONS, "", "status", definition));
        } catch (ApiException e) {
            LOG.atDebug().setCause(e).addKeyValue("name", name).log("definition changes while it goes");
        }
    }

    /// @return whether the definition is free to go
    private boolean cleanOnce(String name) {
        var found = client.get(DEFINITIONS, "", name);
        if (found.isEmpty() || !Meta.finalizers(found.get()).contains(DefinitionStatus.FINALIZER)) {
            return true;
        }
        ObjectNode definition = found.get();
        List<CustomResourceKind> served = CustomResourceKind.served(definition, webhooks);
        if (!served.isEmpty() && !removeObjects(served.getFirst())) {
            return false;
        }
        Meta.of(definition)
                .withArrayProperty("finalizers")
                .removeIf(finalizer -> finalizer.asText().equals(DefinitionStatus.FINALIZER));
        try {
            unadmitted.update(DEFINITIONS, "", "", definition);
            return true;
        } catch (ApiException e) {
            if (e.is("Conflict")) {
                return false;
            }
            throw e;
        }
    }

    /// @return whether none is left
    private boolean removeObjects(CustomResourceKind kind) {
        GroupVersionResource resource = kind.spec().gvr();
        List<ObjectNode> left = client.list(resource, "", Query.ALL).items();
        for (ObjectNode object : left) {
            try {
                unadmitted.delete(resource, Meta.namespace(object), Meta.name(object), Json.object());
            } catch (ApiException e) {
                if (!e.is("NotFound")) {
                    throw e;
                }
            }
        }
        return left.isEmpty() || client.list(resource, "", Query.ALL).items().isEmpty();
    }

    private synchronized void forgetAllBut(Set<String> present) {
        revisions.keySet().stream()
                .filter(name -> !present.contains(name))
                .toList()
                .forEach(name -> {
                    revisions.remove(name);
                    kinds.setCustom(name, List.of());
                });
    }

    private void restart() {
        if (isClosed()) {
            return;
        }
        var _ = timers.schedule(
                () -> Thread.ofVirtual().name("crd-restart").start(this::startAgain),
                FIRST_PAUSE_SECONDS,
                TimeUnit.SECONDS);
    }

    private void startAgain() {
        try {
            if (!isClosed()) {
                start();
            }
        } catch (ApiException e) {
            LOG.atWarn().setCause(e).log("definitions cannot be listed, trying again");
            restart();
        }
    }

    private void keep(AutoCloseable started) {
        synchronized (this) {
            watch = started;
            if (!closed) {
                return;
            }
        }
        close(started);
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    @Override
    public void close() {
        AutoCloseable running;
        synchronized (this) {
            closed = true;
            running = watch;
        }
        if (running != null) {
            close(running);
        }
    }

    private static void close(AutoCloseable watch) {
        try {
            watch.close();
        } catch (Exception e) {
            LOG.atDebug().setCause(e).log("watch did not close");
        }
    }

    private static long revision(JsonNode definition) {
        return Long.parseLong(Meta.resourceVersion(definition));
    }
}
