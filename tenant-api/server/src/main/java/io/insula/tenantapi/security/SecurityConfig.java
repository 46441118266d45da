package io.insula.tenantapi.security;

import io.insula.tenantapi.auth.ReservedNames;
import io.insula.tenantapi.auth.ServiceAccountKeys;
import io.insula.tenantapi.auth.structured.AuthenticationConfig;
import io.insula.tenantapi.rbac.StandingRights;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// The security settings of one server.
///
/// @param keys of this tenant's service account tokens; asked at each use, must answer from memory
/// @param issuer of the tokens: a URL that pods can reach where OpenID discovery matters
/// @param apiAudiences the server's own audiences; empty for the issuer alone
/// @param revoked whether a client certificate, though signed by the tenant's authority, is no longer taken; asked on
///     every request, must answer from memory
/// @param authentication further issuers of tokens and who may stay anonymous; asked on every request, must answer
///     from memory
/// @param frontProxyNames common names of front proxies; empty for all that the front-proxy authority signed
/// @param standing of who serves the cluster from outside
/// @param reserved names that only a certificate of the cluster's authority gives
public record SecurityConfig(
        Supplier<ServiceAccountKeys> keys,
        String issuer,
        List<String> apiAudiences,
        Predicate<X509Certificate> revoked,
        Supplier<AuthenticationConfig> authentication,
        List<String> frontProxyNames,
        StandingRights standing,
        ReservedNames reserved) {
    public SecurityConfig {
        apiAudiences = List.copyOf(apiAudiences);
        frontProxyNames = List.copyOf(frontProxyNames);
    }

    /// No other issuers, no standing rights.
    public SecurityConfig(
            ServiceAccountKeys keys, String issuer, List<String> apiAudiences, Predicate<X509Certificate> revoked) {
        this(
                () -> keys,
                issuer,
                apiAudiences,
                revoked,
                () -> AuthenticationConfig.NONE,
                List.of(),
                StandingRights.NONE,
                ReservedNames.NONE);
    }
}
