package io.insula.node.machine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// What folders take of their disks: blocks, not lengths, which `du` knows and Java does not. Writes nothing, as there
/// may be no room. Stateless.
public final class DiskUse {

    private DiskUse() {}

    /// @param time after which what is measured is enough
    /// @return bytes of each that could be measured
    public static Map<Path, Long> of(Collection<Path> folders, Duration time) throws IOException {
        List<Path> there = folders.stream().filter(Files::isDirectory).toList();
        var bytes = new HashMap<Path, Long>();
        if (there.isEmpty()) {
            return bytes;
        }
        var command = new ArrayList<>(List.of("du", "--summarize", "--one-file-system", "--block-size=1", "--"));
        there.forEach(folder -> command.add(folder.toString()));
        Process du = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        Thread.ofVirtual().name("insula-du").start(() -> endAfter(du, time));
        String said = new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        for (String line : said.split("\n", -1)) {
            String[] parts = line.split("\t", 2);
            if (parts.length == 2) {
                bytes.put(Path.of(parts[1]), Long.parseLong(parts[0]));
            }
        }
        return bytes;
    }

    private static void endAfter(Process du, Duration time) {
        try {
            if (!du.waitFor(time.toMillis(), TimeUnit.MILLISECONDS)) {
                du.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
