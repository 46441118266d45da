package io.insula.controlplane.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.audit.AuditSink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// The entry point of the trail: hands out a sink per tenant and takes the control plane's own events. Thread-safe.
public final class AuditTrail implements AutoCloseable {

    /// The key of events that belong to no tenant; no tenant can have this name.
    public static final String HOST = "_host";

    static final String TENANT = "insula.io/tenant";

    private final Path root;
    private final Clock clock;
    private final Map<String, AuditSpool> spools = new ConcurrentHashMap<>();
    private final AuditShipper shipper;

    /// Opens all spools under `root` (events of an earlier run are shipped first) and starts shipping.
    public AuditTrail(Path root, KafkaSettings kafka, Clock clock) {
        this.root = AtomicFiles.folder(root);
        this.clock = clock;
        try (Stream<Path> folders = Files.list(root)) {
            folders.filter(Files::isDirectory)
                    .forEach(f -> spool(f.getFileName().toString()));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + root, e);
        }
        this.shipper = new AuditShipper(kafka, spools);
        shipper.start();
    }

    /// What a tenant's API server (or, for [#HOST], the host's) gets.
    public AuditSink sink(String tenant) {
        return event -> accept(tenant, event);
    }

    /// Records an action of the control plane itself: admin API calls and syncer writes.
    ///
    /// @param tenant whom it concerns, or [#HOST]
    /// @param annotations more of them, e.g. the host object that was written
    /// @return the event's auditID
    public String record(String tenant, Action action, Map<String, String> annotations) {
        String auditId = UUID.randomUUID().toString();
        String now = clock.instant().toString();
        ObjectNode event = Json.object()
                .put("kind", "Event")
                .put("apiVersion", "audit.k8s.io/v1")
                .put("level", "Metadata")
                .put("auditID", auditId)
                .put("stage", "ResponseComplete")
                .put("requestURI", action.uri())
                .put("verb", action.verb());
        ObjectNode user = event.putObject("user").put("username", action.user());
        action.groups().forEach(user.putArray("groups")::add);
        event.putArray("sourceIPs").add(action.sourceAddress());
        event.putObject("objectRef")
                .put("resource", action.resource())
                .put("name", action.name())
                .put("apiGroup", "tenancy.insula.io")
                .put("apiVersion", "v1alpha1");
        event.putObject("responseStatus").putObject("metadata");
        ((ObjectNode) event.path("responseStatus")).put("code", action.code());
        event.put("requestReceivedTimestamp", now).put("stageTimestamp", now);
        ObjectNode all = event.putObject("annotations");
        annotations.forEach(all::put);
        accept(tenant, event);
        return auditId;
    }

    /// Whether Kafka has everything that was accepted before the call.
    public boolean isDrained() {
        return spools.values().stream().noneMatch(AuditSpool::hasUnshipped);
    }

    /// Whether Kafka did not take what was sent to it last.
    public boolean isFailing() {
        return shipper.isFailing();
    }

    /// Stops shipping; what Kafka does not have yet stays on disk for the next run.
    @Override
    public void close() {
        shipper.close();
        spools.values().forEach(AuditSpool::close);
    }

    private void accept(String tenant, ObjectNode event) {
        ObjectNode annotations = event.withObjectProperty("annotations");
        annotations.put(TENANT, tenant);
        spool(tenant).append(Json.bytes(event));
        shipper.wake();
    }

    private AuditSpool spool(String tenant) {
        return spools.computeIfAbsent(tenant, t -> new AuditSpool(root.resolve(t)));
    }

    /// One action of the control plane.
    ///
    /// @param verb create, update, delete, get, list …
    /// @param resource `tenants`, `isolationprofiles` …
    /// @param code the HTTP status it ended with
    public record Action(
            String user,
            List<String> groups,
            String sourceAddress,
            String verb,
            String uri,
            String resource,
            String name,
            int code) {
        public Action {
            groups = List.copyOf(groups);
        }
    }
}
