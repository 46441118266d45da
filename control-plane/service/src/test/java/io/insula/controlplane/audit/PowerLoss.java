package io.insula.controlplane.audit;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/// A disk of real files that forgets, when it loses power, whatever was not synced. The spool's own files are on it,
/// down to their channels. Names of files are kept. Thread-safe: guarded by itself.
final class PowerLoss implements SpoolFile.Opener {

    private final Map<Path, byte[]> durable = new HashMap<>();

    @Override
    public synchronized SpoolFile open(Path path) throws IOException {
        var channel = FileChannel.open(
                path, Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE));
        durable.putIfAbsent(path, Files.readAllBytes(path));
        return new SpoolFile.OnDisk(new VolatileChannel(channel, () -> remember(path)));
    }

    synchronized void happens() throws IOException {
        for (Map.Entry<Path, byte[]> file : durable.entrySet()) {
            if (Files.exists(file.getKey())) {
                Files.write(file.getKey(), file.getValue());
            }
        }
    }

    private synchronized void remember(Path path) throws IOException {
        durable.put(path, Files.readAllBytes(path));
    }
}
