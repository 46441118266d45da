package io.insula.tenantapi.openapi;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// A finished document.
///
/// @param json its bytes; not to be changed
/// @param hash upper-case hex, without quotes: the ETag and the `hash` of its URL
public record Document(byte[] json, String hash) {

    static Document of(ObjectNode tree) {
        byte[] json = Json.bytes(tree);
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(json);
            return new Document(json, HexFormat.of().withUpperCase().formatHex(hash));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
