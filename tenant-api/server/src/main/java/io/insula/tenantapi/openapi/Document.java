package io.insula.tenantapi.openapi;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.digest.Sha256;
import io.insula.tenantapi.api.Json;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.function.Consumer;

/// A finished document.
///
/// @param json its bytes; not to be changed
/// @param hash upper-case hex, without quotes: the ETag and the `hash` of its URL
public record Document(byte[] json, String hash) {

    static Document of(ObjectNode tree) {
        byte[] json = Json.bytes(tree);
        return new Document(json, hash(digest -> digest.update(json)));
    }

    @SafeVarargs
    static String hash(Consumer<MessageDigest>... parts) {
        MessageDigest digest = Sha256.start();
        for (Consumer<MessageDigest> part : parts) {
            part.accept(digest);
        }
        return HexFormat.of().withUpperCase().formatHex(digest.digest());
    }
}
