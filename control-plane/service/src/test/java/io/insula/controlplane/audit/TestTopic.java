package io.insula.controlplane.audit;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/// A topic that outlives the services that ship to it, and is away at times. Thread-safe: guarded by itself.
public final class TestTopic {

    private final Map<String, List<byte[]>> events = new ConcurrentHashMap<>();
    private boolean away;

    /// What may be done to a disk.
    @FunctionalInterface
    public interface Change {
        void run() throws IOException;
    }

    /// Carries out what is done to a disk, or does not.
    @FunctionalInterface
    public interface Disk {
        void change(Change change) throws IOException;
    }

    /// A real trail that ships here.
    ///
    /// @param disk what the spools are on
    /// @param shipping called before each event that is sent
    public AuditTrail trail(Path folder, Disk disk, Runnable shipping) {
        return new AuditTrail(
                folder, path -> new Watched(SpoolFile.onDisk(path), disk), () -> open(shipping), Clock.systemUTC());
    }

    /// From now on nobody answers; what was sent a moment ago may have arrived.
    public synchronized void away(boolean is) {
        away = is;
    }

    /// The names of objects that were made in a tenant, in the order in which it was told of them first.
    public synchronized Set<String> created(String tenant) {
        var names = new LinkedHashSet<String>();
        for (byte[] json : events.getOrDefault(tenant, List.of())) {
            JsonNode event = Json.parse(json);
            if (event.path("verb").asText().equals("create")
                    && event.path("responseStatus").path("code").asInt() == 201) {
                names.add(event.path("objectRef").path("name").asText());
            }
        }
        return names;
    }

    private AuditOutlet open(Runnable shipping) throws ExecutionException {
        shipping.run();
        requireHere();
        return new AuditOutlet() {
            @Override
            public Future<?> send(String key, byte[] event) {
                shipping.run();
                return TestTopic.this.send(key, event);
            }

            @Override
            public void close() {
                // nothing is under way
            }
        };
    }

    private synchronized void requireHere() throws ExecutionException {
        if (away) {
            throw new ExecutionException(new IOException("nobody answers"));
        }
    }

    private synchronized Future<?> send(String key, byte[] event) {
        if (away) {
            return CompletableFuture.failedFuture(new IOException("nobody answers"));
        }
        events.computeIfAbsent(key, _ -> new ArrayList<>()).add(event);
        return CompletableFuture.completedFuture(key);
    }

    private record Watched(SpoolFile file, Disk disk) implements SpoolFile {
        @Override
        public void write(ByteBuffer bytes, long at) throws IOException {
            disk.change(() -> file.write(bytes, at));
        }

        @Override
        public void truncate(long size) throws IOException {
            disk.change(() -> file.truncate(size));
        }

        @Override
        public void force() throws IOException {
            disk.change(file::force);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
