package io.insula.tenantapi.auth.structured;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import io.insula.tenantapi.egress.Egress;
import java.io.IOException;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The public keys of one issuer: fetched when the first token comes, again when a token's key is not among them, and
/// again when they are old, so that a key that the issuer withdrew is not taken for ever. A storm of bad tokens
/// does not become a storm upon the issuer: there is a pause between two fetches. Thread-safe: guarded by `lock`,
/// which one caller holds while it fetches and the others wait for.
final class IssuerKeys {

    private static final Logger LOG = LoggerFactory.getLogger(IssuerKeys.class);
    private static final Duration PAUSE = Duration.ofSeconds(10);
    private static final Duration OLD = Duration.ofHours(1);

    private final JwtIssuer issuer;
    private final IssuerHttp http;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private List<JWK> keys = List.of();
    private boolean fetched;
    private Instant lastTry = Instant.MIN;
    private @Nullable String fault;

    /// @param since when they were asked for, by which a caller asks for newer ones
    record Known(List<JWK> keys, Instant since) {}

    IssuerKeys(JwtIssuer issuer, Egress egress, InstantSource clock) {
        this.issuer = issuer;
        this.http = new IssuerHttp(egress, issuer.certificateAuthority());
        this.clock = clock;
    }

    /// What is known; fetched where nothing is, or nothing recent.
    ///
    /// @throws IOException when the issuer has not told its keys yet
    Known current() throws IOException {
        lock.lock();
        try {
            Instant now = clock.instant();
            if (!fetched || lastTry.plus(OLD).isBefore(now)) {
                fetchAfterPause(now);
            }
            if (!fetched) {
                throw new IOException(String.valueOf(fault));
            }
            return new Known(keys, lastTry);
        } finally {
            lock.unlock();
        }
    }

    /// What is known after `seen` has not sufficed; the same where it is too early to ask again.
    Known newerThan(Known seen) throws IOException {
        lock.lock();
        try {
            if (lastTry.equals(seen.since())) {
                fetchAfterPause(clock.instant());
            }
            if (fault != null && lastTry.isAfter(seen.since())) {
                throw new IOException(fault);
            }
            return new Known(keys, lastTry);
        } finally {
            lock.unlock();
        }
    }

    private void fetchAfterPause(Instant now) {
        if (lastTry.isAfter(now.minus(PAUSE))) {
            return;
        }
        lastTry = now;
        try {
            keys = fetch();
            fetched = true;
            fault = null;
        } catch (IOException e) {
            fault = e.getMessage();
            LOG.atWarn()
                    .addKeyValue("issuer", issuer.url())
                    .addKeyValue("cause", e.getMessage())
                    .log("the keys of a token issuer cannot be read");
        }
    }

    private List<JWK> fetch() throws IOException {
        ObjectNode document = http.get(issuer.discoveryPlace());
        String claimed = document.path("issuer").asText("");
        if (!claimed.equals(issuer.url())) {
            throw new IOException("oidc: issuer did not match the issuer returned by provider, expected \""
                    + issuer.url() + "\" got \"" + claimed + "\"");
        }
        ObjectNode set = http.get(document.path("jwks_uri").asText(""));
        try {
            return JWKSet.parse(set.toString()).getKeys();
        } catch (ParseException e) {
            throw new IOException("oidc: failed to decode keys: " + e.getMessage(), e);
        }
    }
}
