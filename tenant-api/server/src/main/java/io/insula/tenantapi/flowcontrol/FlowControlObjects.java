package io.insula.tenantapi.flowcontrol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.ports.ObjectClient.Query;
import io.insula.tenantapi.view.Condition;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps [FlowControl] in step with the stored objects: at once with those written through this server, and with
/// those of other writers while requests come. Restores what must exist, and tells each schema whether its level
/// does. Thread-safe: one thread works at a time, whoever finds more to do leaves it a note.
public final class FlowControlObjects {

    public static final String GROUP = "flowcontrol.apiserver.k8s.io";

    private static final Logger LOG = LoggerFactory.getLogger(FlowControlObjects.class);
    private static final GroupVersionResource LEVELS =
            new GroupVersionResource(GROUP, "v1", "prioritylevelconfigurations");
    private static final GroupVersionResource SCHEMAS = new GroupVersionResource(GROUP, "v1", "flowschemas");
    private static final long OLD_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final Supplier<? extends ObjectClient> client;
    private final FlowControl flowControl;
    private final Runnable restore;
    private final InstantSource clock;
    private final AtomicBoolean working = new AtomicBoolean();
    private final AtomicBoolean dirty = new AtomicBoolean();

    /// Of the objects when nothing was left to do; confined to whoever has set `working`.
    private List<String> settled = List.of();

    private final AtomicLong readNanos = new AtomicLong(System.nanoTime());
    private volatile boolean closed;

    /// @param client acts as the server itself
    /// @param restore creates what must exist and does not, and repairs what must not be changed
    public FlowControlObjects(
            Supplier<? extends ObjectClient> client, FlowControl flowControl, Runnable restore, InstantSource clock) {
        this.client = client;
        this.flowControl = flowControl;
        this.restore = restore;
        this.clock = clock;
    }

    /// Reads the objects, which have just been made sure of.
    ///
    /// @throws ApiException when the store does not answer
    public void start() {
        read();
        // telling the schemas their status is not worth waiting for
        changed();
    }

    /// One of the objects has been written. Returns at once.
    public void changed() {
        dirty.set(true);
        if (!closed && working.compareAndSet(false, true)) {
            Thread.ofVirtual().name("flow-control").start(this::work);
        }
    }

    /// A request comes: looks for the writes of others if that is long ago. Returns at once.
    public void requested() {
        long last = readNanos.get();
        if (System.nanoTime() - last > OLD_NANOS && readNanos.compareAndSet(last, System.nanoTime())) {
            changed();
        }
    }

    public void close() {
        closed = true;
    }

    private void work() {
        try {
            while (dirty.compareAndSet(true, false) && !closed) {
                Objects now = read();
                if (!now.versions().equals(settled)) {
                    tell(now.schemas());
                    restore.run();
                    // what these two have written comes round once more
                    settled = now.versions();
                }
            }
        } catch (RuntimeException e) {
            // the next look is half a minute away at most; what is known goes on working
            if (!closed) {
                LOG.atWarn().setCause(e).log("flow control objects cannot be read");
            }
        } finally {
            working.set(false);
            if (dirty.get()) {
                // a note left while this thread was leaving
                changed();
            }
        }
    }

    private Objects read() {
        var now = new Objects(
                client.get().list(LEVELS, "", Query.ALL).items(),
                client.get().list(SCHEMAS, "", Query.ALL).items());
        readNanos.set(System.nanoTime());
        if (!now.versions().equals(settled)) {
            flowControl.configure(now.levels(), now.schemas());
        }
        return now;
    }

    private record Objects(List<ObjectNode> levels, List<ObjectNode> schemas) {
        /// Two readings with the same versions are the same.
        List<String> versions() {
            return Stream.concat(levels.stream(), schemas.stream())
                    .map(object -> Meta.uid(object) + "/" + Meta.resourceVersion(object))
                    .toList();
        }
    }

    private void tell(List<ObjectNode> schemas) {
        Set<String> levels = flowControl.levels();
        schemas.forEach(schema -> tell(schema, levels));
    }

    /// Source: kubernetes/apiserver, `apf_controller.go` (syncFlowSchemaStatus).
    private void tell(ObjectNode schema, Set<String> levels) {
        String level = schema.path("spec")
                .path("priorityLevelConfiguration")
                .path("name")
                .asText();
        boolean found = levels.contains(level);
        String text = "This FlowSchema references the PriorityLevelConfiguration object named \"" + level + "\" "
                + (found ? "and it exists" : "but there is no such object");
        ObjectNode status = schema.path("status") instanceof ObjectNode told ? told.deepCopy() : Json.object();
        if (!Condition.set(status, "Dangling", !found, found ? "Found" : "NotFound", text, clock.instant()) || closed) {
            return;
        }
        ObjectNode patch = Json.object();
        // what others say of it stays, as it does when upstream applies its one condition
        patch.putObject("metadata").put("resourceVersion", Meta.resourceVersion(schema));
        patch.putObject("status").set(Condition.LIST, Condition.listIn(status));
        try {
            client.get().mergePatch(SCHEMAS, "", Meta.name(schema), "status", patch);
        } catch (ApiException e) {
            LOG.atDebug().setCause(e).addKeyValue("name", Meta.name(schema)).log("flow schema was not told its status");
        }
    }
}
