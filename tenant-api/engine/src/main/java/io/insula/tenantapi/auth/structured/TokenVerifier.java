package io.insula.tenantapi.auth.structured;

import static io.insula.tenantapi.auth.structured.Claims.refuse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.egress.Egress;
import java.io.IOException;
import java.security.PublicKey;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/// Whether a token is the issuer's, for this server, alive, and signed by one of the issuer's keys. Thread-safe.
///
/// Only algorithms of public keys are taken, and only keys that the issuer published: neither `alg: none` nor an HMAC
/// under a public key nor a key in the token's own header has a way in.
/// Source: coreos/go-oidc, `verify.go` and `jwks.go`; kubernetes/apiserver, `token/oidc/oidc.go`.
final class TokenVerifier {

    private static final Duration LEEWAY = Duration.ofMinutes(1);
    private static final List<String> ALGORITHMS =
            List.of("ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512");

    private final JwtIssuer issuer;
    private final IssuerKeys keys;
    private final InstantSource clock;
    private final DefaultJWSVerifierFactory verifiers = new DefaultJWSVerifierFactory();

    TokenVerifier(JwtIssuer issuer, Egress egress, InstantSource clock) {
        this.issuer = issuer;
        this.keys = new IssuerKeys(issuer, egress, clock);
        this.clock = clock;
    }

    /// The issuer that a token names, not verified; empty for what is no signed token.
    static Optional<String> claimedIssuer(String token) {
        try {
            return token.chars().filter(c -> c == '.').count() == 2
                    ? Optional.of(payload(JWSObject.parse(token)).path("iss").asText(""))
                    : Optional.empty();
        } catch (ParseException | IOException e) {
            return Optional.empty();
        }
    }

    /// @throws io.insula.tenantapi.api.ApiException 401 with the reason
    Claims verify(String token) {
        try {
            JWSObject parsed = JWSObject.parse(token);
            var claims = new Claims(payload(parsed));
            checkAudience(claims);
            checkLife(claims);
            String algorithm = parsed.getHeader().getAlgorithm().getName();
            if (!ALGORITHMS.contains(algorithm)) {
                throw refuse("oidc: verify token: oidc: id token signed with unsupported algorithm, expected "
                        + quoted(ALGORITHMS) + " got \"" + algorithm + "\"");
            }
            checkSignature(parsed);
            return claims;
        } catch (ParseException | IOException e) {
            throw refuse("oidc: verify token: oidc: malformed jwt: " + e.getMessage());
        }
    }

    private static ObjectNode payload(JWSObject token) throws IOException {
        JsonNode read = Json.MAPPER.readTree(token.getPayload().toBytes());
        if (read instanceof ObjectNode object) {
            return object;
        }
        throw new IOException("the payload is no JSON object");
    }

    private void checkAudience(Claims claims) {
        List<String> audiences =
                claims.has("aud") ? claims.texts("aud", "verify token: oidc: failed to unmarshal claims") : List.of();
        if (audiences.stream().anyMatch(issuer.audiences()::contains)) {
            return;
        }
        boolean single = issuer.audiences().size() == 1;
        throw refuse("oidc: verify token: oidc: expected audience "
                + (single
                        ? '"' + issuer.audiences().getFirst() + '"'
                        : "in " + quoted(new TreeSet<>(issuer.audiences())))
                + " got " + quoted(audiences));
    }

    private void checkLife(Claims claims) {
        Instant now = clock.instant();
        Instant expiry = claims.time("exp").orElse(Instant.EPOCH);
        if (expiry.isBefore(now)) {
            throw refuse("oidc: verify token: oidc: token is expired (Token Expiry: " + expiry + ")");
        }
        claims.time("nbf").filter(start -> now.plus(LEEWAY).isBefore(start)).ifPresent(start -> {
            throw refuse(
                    "oidc: verify token: oidc: current time " + now + " before the nbf (not before) time: " + start);
        });
    }

    private void checkSignature(JWSObject token) {
        try {
            IssuerKeys.Known known = keys.current();
            if (!isSignedByOne(token, known.keys())
                    && !isSignedByOne(token, keys.newerThan(known).keys())) {
                throw refuse("oidc: verify token: failed to verify signature: failed to verify id token signature");
            }
        } catch (IOException e) {
            throw refuse("oidc: verify token: failed to verify signature: fetching keys " + e.getMessage());
        }
    }

    private boolean isSignedByOne(JWSObject token, List<JWK> candidates) {
        String keyId = token.getHeader().getKeyID();
        return candidates.stream()
                .filter(key -> keyId == null || keyId.equals(key.getKeyID()))
                .filter(key -> fits(key, token.getHeader().getAlgorithm()))
                .anyMatch(key -> isSignedBy(token, key));
    }

    private static boolean fits(JWK key, JWSAlgorithm algorithm) {
        boolean forSignatures = key.getKeyUse() == null || key.getKeyUse().equals(KeyUse.SIGNATURE);
        return forSignatures
                && (key.getAlgorithm() == null || key.getAlgorithm().getName().equals(algorithm.getName()));
    }

    private boolean isSignedBy(JWSObject token, JWK key) {
        if (!(key instanceof AsymmetricJWK published)) {
            return false;
        }
        try {
            PublicKey open = published.toPublicKey();
            return token.verify(verifiers.createJWSVerifier(token.getHeader(), open));
        } catch (JOSEException | IllegalStateException e) {
            // a key of another kind than the algorithm needs
            return false;
        }
    }

    private static String quoted(Iterable<String> all) {
        var text = new StringBuilder("[");
        all.forEach(each -> text.append(text.length() > 1 ? " " : "")
                .append('"')
                .append(each)
                .append('"'));
        return text.append(']').toString();
    }
}
