package io.insula.tenantapi.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.digest.Sha256;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/// JSON Web Tokens of exactly one algorithm, ES256: there is no choice that a forger could make (`alg: none`, a
/// public key taken for an HMAC secret, keys in the header). Source: RFC 7515, RFC 7518 section 3.4.
final class Es256 {

    static final String ALGORITHM = "ES256";

    /// Far above any real token; keeps parsing cheap.
    private static final int MAX_LENGTH = 16_384;

    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();
    private static final Base64.Decoder DECODER = Base64.getUrlDecoder();

    private Es256() {}

    static String sign(ObjectNode claims, ECPrivateKey key, String keyId) {
        ObjectNode header = Json.object().put("alg", ALGORITHM).put("kid", keyId);
        String signed = ENCODER.encodeToString(Json.bytes(header)) + "." + ENCODER.encodeToString(Json.bytes(claims));
        try {
            Signature signature = newSignature();
            signature.initSign(key);
            signature.update(signed.getBytes(StandardCharsets.US_ASCII));
            return signed + "." + ENCODER.encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot sign a token", e);
        }
    }

    /// The claims; empty when the token is malformed or none of `keys` signed it.
    static Optional<JsonNode> verify(String token, List<ECPublicKey> keys) {
        String[] parts = token.split("\\.", -1);
        if (token.length() > MAX_LENGTH || parts.length != 3) {
            return Optional.empty();
        }
        try {
            JsonNode header = Json.MAPPER.readTree(DECODER.decode(parts[0]));
            if (!header.path("alg").asText().equals(ALGORITHM) || header.has("crit")) {
                return Optional.empty();
            }
            byte[] signed = (parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII);
            byte[] signature = DECODER.decode(parts[2]);
            for (ECPublicKey key : candidates(header.path("kid").asText(""), keys)) {
                if (isSignedBy(key, signed, signature)) {
                    return Optional.of(Json.MAPPER.readTree(DECODER.decode(parts[1])));
                }
            }
            return Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /// The issuer that a token names, not verified; empty where it names none.
    static String claimedIssuer(String token) {
        return claimed(token, 1, "iss");
    }

    /// The key that a token names, not verified; empty where it names none.
    static String claimedKeyId(String token) {
        return claimed(token, 0, "kid");
    }

    private static String claimed(String token, int part, String field) {
        String[] parts = token.split("\\.", -1);
        if (token.length() > MAX_LENGTH || parts.length != 3) {
            return "";
        }
        try {
            return Json.MAPPER.readTree(DECODER.decode(parts[part])).path(field).asText("");
        } catch (IOException | IllegalArgumentException e) {
            return "";
        }
    }

    /// Base64url of SHA-256 of the SubjectPublicKeyInfo, as upstream names its keys.
    static String keyId(ECPublicKey key) {
        return ENCODER.encodeToString(Sha256.of(key.getEncoded()));
    }

    private static List<ECPublicKey> candidates(String keyId, List<ECPublicKey> keys) {
        if (keyId.isEmpty()) {
            return keys;
        }
        var matching = new ArrayList<ECPublicKey>();
        keys.stream().filter(key -> keyId(key).equals(keyId)).forEach(matching::add);
        return matching;
    }

    private static boolean isSignedBy(ECPublicKey key, byte[] signed, byte[] signature) {
        try {
            Signature verifier = newSignature();
            verifier.initVerify(key);
            verifier.update(signed);
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static Signature newSignature() throws NoSuchAlgorithmException {
        return Signature.getInstance("SHA256withECDSAinP1363Format");
    }
}
