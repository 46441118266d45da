package io.insula.controlplane.keys;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.HomeException;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;

/// The file `data-key` of a folder of keys: its data key, wrapped.
///
/// @param wrappedBy the id of the key-encryption key
/// @param wrapped in base64
record DataKeyFile(String id, String wrappedBy, String wrapped) {

    static final String NAME = "data-key";
    private static final int VERSION = 1;

    static DataKeyFile of(DataKey key, WrappingKey wrapping) {
        return new DataKeyFile(key.id(), wrapping.id(), wrapping.wrap(key.secret(), about(key.id())));
    }

    /// @throws HomeException when it is damaged
    /// @throws java.nio.file.NoSuchFileException when there is none
    static DataKeyFile read(Path folder) throws IOException {
        Path file = folder.resolve(NAME);
        byte[] bytes = Files.readAllBytes(file);
        try {
            JsonNode tree = Json.MAPPER.readTree(bytes);
            if (tree.path("version").asInt() != VERSION) {
                throw HomeException.damaged(
                        file, "version " + tree.path("version") + " (expected: " + VERSION + ")", null);
            }
            return new DataKeyFile(
                    tree.path("id").asText(),
                    tree.path("kek").asText(),
                    tree.path("wrapped").asText());
        } catch (JsonProcessingException e) {
            throw HomeException.damaged(file, "it is no JSON", e);
        }
    }

    void write(Path folder) {
        AtomicFiles.write(folder.resolve(NAME), text());
    }

    /// Nothing is written where the folder is gone.
    void rewrite(Path folder) {
        AtomicFiles.writeIfFolder(folder.resolve(NAME), text());
    }

    private String text() {
        ObjectNode tree = Json.object()
                .put("version", VERSION)
                .put("kek", wrappedBy)
                .put("id", id)
                .put("wrapped", wrapped);
        return tree.toPrettyString() + "\n";
    }

    DataKey open(WrappingKey wrapping, Path folder) {
        try {
            return new DataKey(id, wrapping.unwrap(wrapped, about(id)));
        } catch (GeneralSecurityException e) {
            throw HomeException.damaged(folder.resolve(NAME), String.valueOf(e.getMessage()), e);
        }
    }

    private static String about(String id) {
        return "insula data key 1 " + id;
    }
}
