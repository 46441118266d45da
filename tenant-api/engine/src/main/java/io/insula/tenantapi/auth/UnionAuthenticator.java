package io.insula.tenantapi.auth;

import io.insula.tenantapi.api.ApiException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Tries several authenticators in order; the first user wins. A bad credential does not hide a good one of another
/// kind, but never falls through to anonymous. Source: kubernetes/apiserver, `request/union`.
public final class UnionAuthenticator implements Authenticator {

    private final List<Authenticator> credentials;
    private final Authenticator otherwise;

    /// @param otherwise asked when the request shows no credential at all
    public UnionAuthenticator(List<Authenticator> credentials, Authenticator otherwise) {
        this.credentials = List.copyOf(credentials);
        this.otherwise = otherwise;
    }

    @Override
    public Optional<UserInfo> authenticate(Credentials shown) {
        @Nullable ApiException refusal = null;
        for (Authenticator authenticator : credentials) {
            try {
                Optional<UserInfo> user = authenticator.authenticate(shown);
                if (user.isPresent()) {
                    return user;
                }
            } catch (ApiException e) {
                refusal = refusal == null ? e : refusal;
            }
        }
        if (refusal != null) {
            throw refusal;
        }
        return otherwise.authenticate(shown);
    }
}
