package io.insula.tenantapi.openapi;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What one set of kinds adds to the v2 document, in both of its forms. Thread-safe: the second form is made when it is
/// first asked for.
final class V2Part {

    private final byte[] paths;
    private final byte[] definitions;
    private final Set<String> names;
    private volatile @Nullable Protobuf protobuf;

    /// @param paths the `paths` object, @param definitions the `definitions` object, both as JSON text
    private V2Part(byte[] paths, byte[] definitions, Set<String> names) {
        this.paths = paths;
        this.definitions = definitions;
        this.names = Set.copyOf(names);
    }

    static V2Part of(ObjectNode paths, ObjectNode definitions) {
        var names = new HashSet<String>();
        definitions.fieldNames().forEachRemaining(names::add);
        return new V2Part(Json.bytes(paths), Json.bytes(definitions), names);
    }

    /// The text of an object.
    byte[] paths() {
        return paths;
    }

    /// The text of an object.
    byte[] definitions() {
        return definitions;
    }

    /// Of the definitions.
    Set<String> names() {
        return names;
    }

    void digest(MessageDigest digest) {
        digest.update(paths);
        digest.update(definitions);
    }

    Protobuf protobuf() {
        Protobuf known = protobuf;
        if (known != null) {
            return known;
        }
        var made = new Protobuf(
                SwaggerProtobuf.members("Paths", paths), SwaggerProtobuf.members("Definitions", definitions));
        protobuf = made;
        return made;
    }

    /// The fields of the messages `Paths` and `Definitions`.
    record Protobuf(byte[] paths, byte[] definitions) {}
}
