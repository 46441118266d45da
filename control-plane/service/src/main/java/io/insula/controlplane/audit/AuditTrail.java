package io.insula.controlplane.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.HomeException;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.audit.AuditSink;
import io.insula.tenantapi.auth.UserInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The entry point of the trail: hands out a sink per tenant and takes the control plane's own events. Thread-safe.
public final class AuditTrail implements AutoCloseable {

    /// The key of events that belong to no tenant; no tenant can have this name.
    public static final String HOST = "_host";

    static final String TENANT = InsulaLabels.TENANT;

    private static final UserInfo CONTROL_PLANE = new UserInfo("insula-control-plane", "", List.of(), Map.of());
    private static final Logger LOG = LoggerFactory.getLogger(AuditTrail.class);
    private static final Duration ACKNOWLEDGED_WITHIN = Duration.ofSeconds(30);
    /// Begins the name of what is being removed; no tenant's begins so.
    private static final String GONE = ".gone-";

    private final Path root;
    private final Clock clock;
    private final SpoolFile.Opener files;
    private final Map<String, AuditSpool> spools = new ConcurrentHashMap<>();
    private final Set<String> held = ConcurrentHashMap.newKeySet();
    private final AuditDisk disk;
    private final AuditShipper shipper;

    /// Opens all spools under `root` (events of an earlier run are shipped first) and starts shipping.
    public AuditTrail(Path root, KafkaSettings kafka, Clock clock) {
        this(root, SpoolFile::onDisk, () -> KafkaOutlet.open(kafka), clock);
    }

    AuditTrail(Path root, SpoolFile.Opener files, AuditOutlet.Opener outlet, Clock clock) {
        this.root = AtomicFiles.folder(root);
        this.clock = clock;
        this.files = files;
        this.disk = new AuditDisk(new SpoolReserve(root, files));
        this.shipper = new AuditShipper(outlet, new Spools(), ACKNOWLEDGED_WITHIN);
        held.add(HOST);
        openAll();
        disk.begin();
        shipper.start();
    }

    /// What a tenant's API server (or, for [#HOST], the host's) gets.
    public AuditSink sink(String tenant) {
        held.add(tenant);
        return unheld(tenant);
    }

    /// What the control plane's own parts get for their events (admin API, syncer): that it is asked for keeps nothing
    /// of a tenant here that is gone.
    public AuditSink unheld(String tenant) {
        return new AuditSink() {
            @Override
            public void accept(ObjectNode event) {
                AuditTrail.this.accept(tenant, event);
            }

            @Override
            public void requireTaking() {
                AuditTrail.this.requireTaking();
            }
        };
    }

    /// Asked before something is done that must be recorded.
    ///
    /// @throws AuditSink.Unavailable when it could not be
    public void requireTaking() {
        if (disk.requireTaking()) {
            tellOfUnrecorded();
        }
    }

    /// A tenant is gone: as soon as Kafka has its events, nothing of it is left here. Events that come later (of its
    /// last requests) are shipped all the same.
    public void release(String tenant) {
        held.remove(tenant);
        shipper.wake();
    }

    /// Whether Kafka has everything that was accepted before the call.
    public boolean isDrained() {
        return spools.values().stream().noneMatch(AuditSpool::hasUnshipped);
    }

    /// Whether Kafka did not take what was sent to it last.
    public boolean isFailing() {
        return shipper.isFailing();
    }

    /// Whether requests are refused because their events cannot be written to disk.
    public boolean isRefusing() {
        return disk.isRefusing();
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
        byte[] json = Json.bytes(event);
        disk.write(tenant, () -> append(tenant, json));
        shipper.wake();
    }

    private void append(String tenant, byte[] json) throws IOException {
        while (true) {
            try {
                spools.computeIfAbsent(tenant, this::open).append(json);
                return;
            } catch (AuditSpool.Closed e) {
                if (shipper.isClosed()) {
                    throw new IOException("the trail is closed", e);
                }
                // Drained and removed at this very moment: begin another one.
            } catch (HomeException | UncheckedIOException e) {
                throw new IOException(e.getMessage(), e);
            }
        }
    }

    private AuditSpool open(String tenant) {
        return new AuditSpool(root.resolve(tenant), files);
    }

    private void openAll() {
        try (Stream<Path> folders = Files.list(root)) {
            for (Path folder : folders.filter(Files::isDirectory).toList()) {
                String name = folder.getFileName().toString();
                if (name.startsWith(GONE)) {
                    AtomicFiles.deleteTree(folder);
                } else {
                    spools.put(name, open(name));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + root, e);
        }
        spools.forEach((tenant, spool) -> spool.found().forEach(loss -> lost(tenant, loss)));
    }

    /// Says in the trail itself that bytes of it were no event.
    private void lost(String tenant, SpoolPage.Loss loss) {
        LOG.atError()
                .addKeyValue("tenant", tenant)
                .addKeyValue("position", loss.position())
                .addKeyValue("bytes", loss.bytes())
                .addKeyValue("what", loss.what())
                .log("the audit spool was damaged: these bytes are no event");
        say(
                tenant,
                500,
                Map.of(
                        InsulaLabels.REASON,
                        "the audit spool was damaged: " + loss.what(),
                        "insula.io/lost-position",
                        Long.toString(loss.position()),
                        "insula.io/lost-bytes",
                        Long.toString(loss.bytes())));
    }

    /// Says in the trail itself what is not in it, now that it can be written again.
    private void tellOfUnrecorded() {
        disk.takeUnrecorded()
                .forEach((tenant, count) -> say(
                        tenant,
                        503,
                        Map.of(
                                InsulaLabels.REASON,
                                "events could not be written to disk; their requests were refused"
                                        + " or not acknowledged",
                                "insula.io/unrecorded-events",
                                Long.toString(count))));
    }

    /// Records what a command has done to the home, in the superusers' trail.
    ///
    /// @throws AuditSink.Unavailable when it cannot be recorded now
    public void record(Map<String, String> annotations) {
        write(HOST, 200, annotations);
    }

    private void write(String tenant, int code, Map<String, String> annotations) {
        var event = new io.insula.tenantapi.audit.AuditTrail(unheld(tenant), clock, "")
                .request("/audit/" + tenant, "update", "", List.of())
                .user(CONTROL_PLANE);
        annotations.forEach(event::annotate);
        event.complete(code);
    }

    private void say(String tenant, int code, Map<String, String> annotations) {
        try {
            write(tenant, code, annotations);
        } catch (AuditSink.Unavailable e) {
            // The log has it.
        }
    }

    /// A spool that nobody holds goes when Kafka has all of it. Under its own name only whole spools are seen.
    private void removeIfDrained(String tenant) {
        spools.computeIfPresent(tenant, (_, spool) -> {
            if (held.contains(tenant) || !spool.closeIfDrained()) {
                return spool;
            }
            Path gone = root.resolve(GONE + tenant);
            try {
                AtomicFiles.deleteTree(gone);
                Files.move(root.resolve(tenant), gone);
                AtomicFiles.deleteTree(gone);
            } catch (IOException | UncheckedIOException e) {
                LOG.atWarn().addKeyValue("tenant", tenant).setCause(e).log("cannot remove an audit spool");
            }
            return null;
        });
    }

    private final class Spools implements AuditShipper.Owner {
        @Override
        public Map<String, AuditSpool> spools() {
            return spools;
        }

        @Override
        public void lost(String key, SpoolPage.Loss loss) {
            AuditTrail.this.lost(key, loss);
        }

        @Override
        public void drained() {
            spools.keySet().forEach(AuditTrail.this::removeIfDrained);
        }
    }
}
