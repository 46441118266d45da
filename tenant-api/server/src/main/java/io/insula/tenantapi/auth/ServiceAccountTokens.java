package io.insula.tenantapi.auth;

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

    record Issued(String token, Instant expires) {}
}
