package io.insula.tenantapi.controllers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.ports.ObjectClient;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes core/v1 Events about objects. The same event told again raises the `count` of the one written
/// before. An Event that cannot be written is dropped: events are a courtesy. Source: kubernetes/client-go,
/// `tools/record`.
///
/// Thread-safe: the memory of recent events is guarded by its own monitor.
public final class EventRecorder {

    private static final Logger LOG = LoggerFactory.getLogger(EventRecorder.class);
    private static final int REMEMBERED = 512;

    private final ObjectClient client;
    private final Clock clock;
    private final String component;
    private final Map<Occurrence, Written> recent = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Occurrence, Written> eldest) {
            return size() > REMEMBERED;
        }
    };

    private record Occurrence(String uid, String type, String reason, String message) {}

    private record Written(String name, int count) {}

    /// @param component the `source.component`, e.g. `replicaset-controller`
    public EventRecorder(ObjectClient client, Clock clock, String component) {
        this.client = client;
        this.clock = clock;
        this.component = component;
    }

    public void normal(ObjectNode about, String reason, String message) {
        record(about, "Normal", reason, message, "");
    }

    public void warning(ObjectNode about, String reason, String message) {
        record(about, "Warning", reason, message, "");
    }

    /// @param host the node the event happened on, or empty
    public void record(ObjectNode about, String type, String reason, String message, String host) {
        try {
            write(about, type, reason, shorten(message), host);
        } catch (ApiException e) {
            LOG.atDebug()
                    .addKeyValue("reason", reason)
                    .addKeyValue("name", Meta.name(about))
                    .setCause(e)
                    .log("event not written");
        }
    }

    private void write(ObjectNode about, String type, String reason, String message, String host) {
        var occurrence = new Occurrence(Meta.uid(about), type, reason, message);
        String namespace = Meta.namespace(about).isEmpty() ? "default" : Meta.namespace(about);
        Written before = remembered(occurrence);
        if (before != null && countUp(namespace, occurrence, before)) {
            return;
        }
        Instant now = clock.instant();
        String name = Meta.name(about) + "." + Long.toHexString(now.getEpochSecond() * 1_000_000_000L + now.getNano());
        ObjectNode event = event(about, type, reason, message, Meta.timestamp(now));
        Meta.of(event).put("name", name).put("namespace", namespace);
        if (!host.isEmpty()) {
            event.withObjectProperty("source").put("host", host);
            event.put("reportingInstance", host);
        }
        client.create(Resources.EVENTS, namespace, event);
        remember(occurrence, new Written(name, 1));
    }

    private boolean countUp(String namespace, Occurrence occurrence, Written before) {
        ObjectNode patch = Json.object();
        patch.put("count", before.count() + 1).put("lastTimestamp", Meta.timestamp(clock.instant()));
        try {
            client.mergePatch(Resources.EVENTS, namespace, before.name(), "", patch);
        } catch (ApiException e) {
            if (e.is("NotFound")) {
                return false;
            }
            throw e;
        }
        remember(occurrence, new Written(before.name(), before.count() + 1));
        return true;
    }

    private ObjectNode event(ObjectNode about, String type, String reason, String message, String now) {
        ObjectNode event = Json.object();
        event.put("apiVersion", "v1").put("kind", "Event");
        event.set("involvedObject", reference(about));
        event.put("type", type).put("reason", reason).put("message", message);
        event.putObject("source").put("component", component);
        event.put("firstTimestamp", now).put("lastTimestamp", now).put("count", 1);
        event.put("reportingComponent", component).put("reportingInstance", "");
        return event;
    }

    private static ObjectNode reference(JsonNode about) {
        ObjectNode reference = Json.object();
        reference
                .put("apiVersion", about.path("apiVersion").asText())
                .put("kind", about.path("kind").asText())
                .put("name", Meta.name(about))
                .put("uid", Meta.uid(about));
        if (!Meta.namespace(about).isEmpty()) {
            reference.put("namespace", Meta.namespace(about));
        }
        if (!Meta.resourceVersion(about).isEmpty()) {
            reference.put("resourceVersion", Meta.resourceVersion(about));
        }
        return reference;
    }

    private @Nullable Written remembered(Occurrence occurrence) {
        synchronized (recent) {
            return recent.get(occurrence);
        }
    }

    private void remember(Occurrence occurrence, Written written) {
        synchronized (recent) {
            recent.put(occurrence, written);
        }
    }

    private static String shorten(String message) {
        return message.length() <= 1024 ? message : message.substring(0, 1021) + "...";
    }
}
