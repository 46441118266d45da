package io.insula.tenantapi.pipeline;

import io.insula.tenantapi.http.HttpRequest;
import java.util.ArrayList;
import java.util.Locale;

/// What the audit trail tells of a request that nobody could be authenticated for.
/// Source: kubernetes/apiserver, `endpoints/filters/authn_audit.go`.
final class AuthenticationAttempts {

    private AuthenticationAttempts() {}

    static String message(HttpRequest request) {
        var methods = new ArrayList<String>();
        String authorization =
                request.header("authorization").orElse("").strip().toLowerCase(Locale.ROOT);
        if (authorization.startsWith("basic ")) {
            methods.add("basic");
        }
        if (authorization.startsWith("bearer ")) {
            methods.add("bearer");
        }
        if (!request.clientCertificates().isEmpty()) {
            methods.add("x509");
        }
        return methods.isEmpty()
                ? "Authentication failed, no credentials provided"
                : "Authentication failed, attempted: " + String.join(", ", methods);
    }
}
