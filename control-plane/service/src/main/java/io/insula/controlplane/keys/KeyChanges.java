package io.insula.controlplane.keys;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.Home;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Changes of the key-encryption key that are not in the audit trail yet: commands make them, on the home, and
/// the trail is its service's. Each is noted before it is made; one that was noted and never made is dropped.
/// Used by who holds the lock of [HomeKeys].
final class KeyChanges {

    private static final Logger LOG = LoggerFactory.getLogger(KeyChanges.class);
    private static final String ENDING = ".json";

    private KeyChanges() {}

    /// @param what `encrypt`, `rotate` or `accept`
    /// @param kek the id of the key that it is about
    /// @param source where that key is
    /// @param by who typed it, as the system calls them
    private record Change(String what, String kek, String source, String by, Instant when) {}

    static void note(Home home, String what, String kek, KeySource source) {
        var tree = Json.object()
                .put("what", what)
                .put("kek", kek)
                .put("source", source.toString())
                .put("by", System.getProperty("user.name", ""))
                .put("when", Clock.systemUTC().instant().toString());
        AtomicFiles.write(folder(home).resolve(UUID.randomUUID() + ENDING), tree.toPrettyString() + "\n");
    }

    /// Hands over what was noted, the oldest first; what `recorder` has taken is noted no more.
    ///
    /// @param recorder may throw: all from there on stays noted
    static void take(Home home, HomeKeys.Recorder recorder) {
        Optional<KeyRecord> now = KeyRecord.read(home);
        for (Noted noted : noted(home)) {
            Change change = noted.change();
            if (now.filter(kept ->
                            kept.kek().equals(change.kek()) || kept.former().containsKey(change.kek()))
                    .isPresent()) {
                recorder.record(change.what(), change.kek(), change.source(), change.by(), change.when());
            }
            AtomicFiles.delete(noted.file());
        }
    }

    static boolean areThere(Home home) {
        return Files.isDirectory(folder(home)) && !noted(home).isEmpty();
    }

    private record Noted(Path file, Change change) {}

    private static List<Noted> noted(Home home) {
        try (Stream<Path> files = Files.list(folder(home))) {
            return files.filter(file -> file.toString().endsWith(ENDING))
                    .flatMap(file -> read(file).stream())
                    .sorted(Comparator.comparing(noted -> noted.change().when()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder(home), e);
        }
    }

    private static List<Noted> read(Path file) {
        try {
            JsonNode tree = Json.MAPPER.readTree(Files.readAllBytes(file));
            return List.of(new Noted(
                    file,
                    new Change(
                            tree.path("what").asText(),
                            tree.path("kek").asText(),
                            tree.path("source").asText(),
                            tree.path("by").asText(),
                            Instant.parse(tree.path("when").asText()))));
        } catch (IOException | DateTimeException e) {
            LOG.atWarn().addKeyValue("file", file).setCause(e).log("a note of a change of keys cannot be read");
            return List.of();
        }
    }

    private static Path folder(Home home) {
        return home.keysFile().resolveSibling("key-changes");
    }
}
