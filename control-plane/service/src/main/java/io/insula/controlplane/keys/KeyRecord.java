package io.insula.controlplane.keys;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.HomeException;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The file `keys.json`: that a home's private keys are encrypted, and with what. Immutable.
///
/// @param kek the id of the key-encryption key
/// @param former earlier ones by their ids, wrapped by it: backups may need them
record KeyRecord(String kek, KeySource source, Map<String, String> former) {

    private static final int VERSION = 1;

    KeyRecord {
        former = Map.copyOf(former);
    }

    /// Empty where nothing is encrypted.
    ///
    /// @throws HomeException when it is damaged, or a newer release's
    static Optional<KeyRecord> read(Home home) {
        Path file = home.keysFile();
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            JsonNode tree = Json.MAPPER.readTree(Files.readAllBytes(file));
            if (tree.path("version").asInt() != VERSION) {
                throw new IOException("version " + tree.path("version") + " (expected: " + VERSION + ")");
            }
            var former = new HashMap<String, String>();
            tree.path("former")
                    .properties()
                    .forEach(each -> former.put(each.getKey(), each.getValue().asText()));
            return Optional.of(new KeyRecord(tree.path("kek").asText(), source(tree), former));
        } catch (IOException | IllegalArgumentException e) {
            throw HomeException.damaged(file, String.valueOf(e.getMessage()), e);
        }
    }

    private static KeySource source(JsonNode tree) {
        return new KeySource(
                KeySource.Kind.valueOf(tree.path("kind").asText().toUpperCase(Locale.ROOT)),
                tree.path("source").asText());
    }

    void write(Home home) {
        ObjectNode tree = Json.object()
                .put("version", VERSION)
                .put("kek", kek)
                .put("kind", source.kind().name().toLowerCase(Locale.ROOT))
                .put("source", source.what());
        ObjectNode earlier = tree.putObject("former");
        new TreeMap<>(former).forEach(earlier::put);
        AtomicFiles.write(home.keysFile(), tree.toPrettyString() + "\n");
    }

    /// All keys that it has, by their ids.
    ///
    /// @param now the one that it names
    /// @throws HomeException when what it holds of the others is damaged
    Map<String, WrappingKey> all(WrappingKey now, Home home) {
        var all = new HashMap<>(Map.of(now.id(), now));
        former.forEach((id, wrapped) -> {
            try {
                all.put(id, now.unwrapFormer(id, wrapped));
            } catch (GeneralSecurityException e) {
                throw HomeException.damaged(home.keysFile(), "the former key " + id + ": " + e.getMessage(), e);
            }
        });
        return Map.copyOf(all);
    }

    /// What is remembered from when these are all there are.
    static KeyRecord of(WrappingKey now, KeySource source, Map<String, WrappingKey> all) {
        var former = new HashMap<String, String>();
        all.forEach((id, key) -> {
            if (!id.equals(now.id())) {
                former.put(id, now.wrapFormer(key));
            }
        });
        return new KeyRecord(now.id(), source, former);
    }
}
