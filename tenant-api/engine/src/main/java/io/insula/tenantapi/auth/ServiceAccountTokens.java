package io.insula.tenantapi.auth;

import io.insula.tenantapi.api.ApiException;
import java.security.interfaces.ECPublicKey;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/// Issues and checks the service account tokens (JWT) of one tenant.
public interface ServiceAccountTokens {

    /// @param boundTo `kind`, `name`, `uid` of the Pod, Secret or Node that the token dies with; empty for none
    /// @param audiences empty for the server's own
    Issued issue(
            String namespace,
            String serviceAccount,
            String serviceAccountUid,
            List<String> audiences,
            long expirationSeconds,
            Map<String, String> boundTo);

    /// Checks a token: signature, issuer, life time, audience, and that its service account and whatever it is bound to
    /// still exist. The default is a server that issues no tokens and hence takes none.
    ///
    /// @param audiences one of which the token must be for; empty for the server's own
    /// @throws io.insula.tenantapi.api.ApiException (401) with the reason as its message when any check fails
    default Verified verify(String token, List<String> audiences) {
        throw ApiException.of(401, "Unauthorized", "invalid bearer token");
    }

    /// The token of a Secret of the type `kubernetes.io/service-account-token`: it does not expire, but holds
    /// only while the Secret has it.
    default String issueLegacy(String namespace, String serviceAccount, String serviceAccountUid, String secret) {
        throw new IllegalStateException("this server issues no tokens");
    }

    /// Whether a token says that it was made for a Secret, and no key that is taken now has signed it.
    default boolean isOutdated(String token) {
        return false;
    }

    /// What the header of a token says of its key, not verified; empty where it says nothing.
    static String keyId(String token) {
        return Es256.claimedKeyId(token);
    }

    /// As [#keyId] has it of tokens that are signed with the other half.
    static String keyId(ECPublicKey key) {
        return Es256.keyId(key);
    }

    /// @param audiences those of the wanted ones that the token is for
    record Verified(UserInfo user, List<String> audiences) {
        public Verified {
            audiences = List.copyOf(audiences);
        }
    }

    record Issued(String token, Instant expires) {}
}
