package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.util.Base64;

/// Where the next page of a list starts, in upstream's format. Source: kubernetes/apiserver, `storage/continue.go`.
///
/// @param revision of the whole list; -1 to go on at the latest (inconsistently)
/// @param start the full key to start at, inclusive
record ContinueToken(long revision, String start) {

    private static final String VERSION = "meta.k8s.io/v1";

    /// @throws ApiException 400 for anything that this server did not give out for `prefix`
    static ContinueToken decode(String text, String prefix) {
        JsonNode token;
        try {
            token = Json.MAPPER.readTree(Base64.getUrlDecoder().decode(text));
        } catch (IllegalArgumentException | IOException e) {
            throw invalid(String.valueOf(e.getMessage()));
        }
        if (!token.path("v").asText().equals(VERSION)) {
            throw invalid("server does not recognize this encoded version \""
                    + token.path("v").asText() + "\"");
        }
        String start = token.path("start").asText();
        if (start.isEmpty()) {
            throw invalid("encoded start key empty (version meta.k8s.io/v1)");
        }
        // a forged start must not leave the collection
        if (("/" + start).contains("/../") || start.startsWith("/")) {
            throw invalid("\"" + start + "\"");
        }
        return new ContinueToken(token.path("rv").asLong(), prefix + start);
    }

    static String encode(long revision, String lastKey, String prefix) {
        return raw(revision, lastKey.substring(prefix.length()) + "\0");
    }

    String atLatest(String prefix) {
        return raw(-1, start.substring(prefix.length()));
    }

    private static String raw(long revision, String start) {
        ObjectNode token = Json.object().put("v", VERSION).put("rv", revision).put("start", start);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(Json.bytes(token));
    }

    private static ApiException invalid(String why) {
        return ApiException.badRequest("continue key is not valid: " + why);
    }
}
