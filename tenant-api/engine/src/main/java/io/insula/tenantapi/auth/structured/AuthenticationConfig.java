package io.insula.tenantapi.auth.structured;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/// An AuthenticationConfiguration, checked and compiled. Immutable, thread-safe. Two of them are the same only when
/// they are one object: a server asks for the configuration on each request and sees a change by that.
///
/// Source: Kubernetes documentation, "Using Authentication Configuration"; kubernetes/apiserver,
/// `apis/apiserver/types.go`.
public final class AuthenticationConfig {

    /// No issuers, the standard anonymous paths.
    public static final AuthenticationConfig NONE = new AuthenticationConfig(List.of(), AnonymousAccess.STANDARD);

    private final List<JwtIssuer> issuers;
    private final AnonymousAccess anonymous;

    AuthenticationConfig(List<JwtIssuer> issuers, AnonymousAccess anonymous) {
        this.issuers = List.copyOf(issuers);
        this.anonymous = anonymous;
    }

    /// Reads `jwt` and `anonymous` of an AuthenticationConfiguration (v1 or v1beta1; both have the same fields).
    /// apiVersion and kind may be missing.
    ///
    /// @param disallowedIssuers the server's own issuer of service account tokens
    /// @throws IllegalArgumentException with everything that is wrong, in upstream's words
    public static AuthenticationConfig of(JsonNode tree, List<String> disallowedIssuers) {
        return new ConfigReader(disallowedIssuers).read(tree);
    }

    List<JwtIssuer> issuers() {
        return issuers;
    }

    AnonymousAccess anonymous() {
        return anonymous;
    }
}
