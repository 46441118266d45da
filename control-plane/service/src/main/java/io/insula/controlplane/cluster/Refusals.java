package io.insula.controlplane.cluster;

import io.insula.controlplane.pki.ClusterPki;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.auth.BearerTokenAuthenticator;
import io.insula.tenantapi.auth.Credentials;
import io.insula.tenantapi.auth.ServiceAccountTokens;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// What clients have shown, and were let in by, that is taken no more: their certificate was revoked, or it or their
/// token is of a key that was dropped. All answers come from memory.
///
/// @param revoked by a person
record Refusals(ClusterPki pki, Predicate<X509Certificate> revoked) implements Predicate<Credentials> {

    @Override
    public boolean test(Credentials shown) {
        return Stream.concat(shown.clientCertificates().stream(), shown.proxyCertificates().stream())
                        .anyMatch(this::isRefused)
                || hasDroppedToken(shown);
    }

    boolean isRefused(X509Certificate certificate) {
        return revoked.test(certificate) || !pki.isTaken(certificate);
    }

    private boolean hasDroppedToken(Credentials shown) {
        var dropped = pki.serviceAccountKeys().dropped();
        if (dropped.isEmpty()) {
            return false;
        }
        try {
            String keyId = BearerTokenAuthenticator.token(shown)
                    .map(ServiceAccountTokens::keyId)
                    .orElse("");
            return dropped.stream()
                    .map(each -> ServiceAccountTokens.keyId((ECPublicKey) each.getPublic()))
                    .anyMatch(keyId::equals);
        } catch (ApiException e) {
            // whoever was let in was so by something else
            return false;
        }
    }
}
