package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;

/// What an issuer has given to somebody. Immutable. Whether the token is good is not judged here: who takes it does.
///
/// @param refresher by which another is had; empty for none
record LoginTokens(String idToken, String refresher) {

    /// So much a token must still be good for.
    private static final Duration MARGIN = Duration.ofSeconds(30);

    /// @param answer of the token endpoint
    /// @param before the refresher that was used; it stays where the answer has none. Source: RFC 6749, section 6
    /// @throws CommandException where it has no ID token
    static LoginTokens of(JsonNode answer, String before) {
        String id = answer.path("id_token").asText();
        if (id.isEmpty()) {
            throw new CommandException("the issuer gives no ID token (expected: scope openid)");
        }
        return new LoginTokens(id, answer.path("refresh_token").asText(before));
    }

    static LoginTokens kept(JsonNode tree) {
        return new LoginTokens(
                tree.path("idToken").asText(), tree.path("refreshToken").asText());
    }

    ObjectNode tree() {
        return Json.object().put("idToken", idToken).put("refreshToken", refresher);
    }

    boolean isAlive(Instant now) {
        return claims().map(claims -> claims.path("exp").asLong()).orElse(0L)
                > now.plus(MARGIN).getEpochSecond();
    }

    /// Empty for none.
    String nonce() {
        return claims().map(claims -> claims.path("nonce").asText()).orElse("");
    }

    private Optional<JsonNode> claims() {
        String[] parts = idToken.split("\\.", -1);
        try {
            return parts.length == 3
                    ? Optional.of(Json.MAPPER.readTree(Base64.getUrlDecoder().decode(parts[1])))
                    : Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
