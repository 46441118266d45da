package io.insula.tenantapi.auth;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.rules.digest.Sha256;
import java.nio.ByteBuffer;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// The claims of tokens that one of the server's keys has signed, each known for ten seconds from its check: elliptic
/// curves cost more than all the rest of a small request. Only what never changes about a token is kept. Whether it is
/// alive, for this audience, and its account and pod still there, is for the caller to ask at each request.
///
/// Known by their hash, so that no comparison takes longer for a token that is nearly one of them. Thread-safe: guarded
/// by its monitor. Source of the time: kubernetes/apiserver, `authentication/token/cache` as the server configures it.
final class VerifiedTokens {

    private static final Duration KNOWN_FOR = Duration.ofSeconds(10);

    /// Of a tenant whose clients show more within ten seconds some are checked more often.
    private static final int MOST = 512;

    private final Supplier<List<ECPublicKey>> keys;
    private final InstantSource clock;
    private final Map<ByteBuffer, Known> known = new HashMap<>();

    /// @param by the keys of the server, when one of them had signed it
    private record Known(JsonNode claims, Instant until, List<ECPublicKey> by) {
        boolean isSo(List<ECPublicKey> keys, Instant now) {
            return now.isBefore(until) && by.equals(keys);
        }
    }

    /// @param keys asked at each use; what one of them had signed that is none of them any more is known no longer
    VerifiedTokens(Supplier<List<ECPublicKey>> keys, InstantSource clock) {
        this.keys = keys;
        this.clock = clock;
    }

    /// The claims, only to be read; empty when the token is malformed or none of the keys signed it.
    Optional<JsonNode> claims(String token) {
        ByteBuffer hash = hash(token);
        Instant now = clock.instant();
        List<ECPublicKey> own = keys.get();
        synchronized (known) {
            Known before = known.get(hash);
            if (before != null && before.isSo(own, now)) {
                return Optional.of(before.claims());
            }
        }
        Optional<JsonNode> claims = Es256.verify(token, own);
        claims.ifPresent(found -> remember(hash, new Known(found, now.plus(KNOWN_FOR), own), now));
        return claims;
    }

    /// How many are known now.
    int size() {
        synchronized (known) {
            return known.size();
        }
    }

    private void remember(ByteBuffer hash, Known token, Instant now) {
        synchronized (known) {
            known.values().removeIf(each -> !now.isBefore(each.until()));
            if (known.size() < MOST) {
                known.put(hash, token);
            }
        }
    }

    private static ByteBuffer hash(String token) {
        return ByteBuffer.wrap(Sha256.of(token));
    }
}
