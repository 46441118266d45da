package io.insula.tenantapi.security;

import io.insula.tenantapi.auth.ServiceAccountKeys;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Predicate;

/// The security settings of one server.
///
/// @param keys of this tenant's service account tokens
/// @param issuer of the tokens: a URL that pods can reach where OpenID discovery matters
/// @param apiAudiences the server's own audiences; empty for the issuer alone
/// @param revoked whether a client certificate, though signed by the tenant's authority, is no longer taken; asked on
///     every request, must answer from memory
public record SecurityConfig(
        ServiceAccountKeys keys, String issuer, List<String> apiAudiences, Predicate<X509Certificate> revoked) {
    public SecurityConfig {
        apiAudiences = List.copyOf(apiAudiences);
    }
}
