package io.insula.tenantapi.auth;

import java.util.Optional;

/// One way to prove who one is. Authenticators are tried in order; the first answer wins.
@FunctionalInterface
public interface Authenticator {

    /// The user; empty when the request shows nothing that this authenticator knows.
    ///
    /// @throws io.insula.tenantapi.api.ApiException (401) when the request shows a bad credential of this kind
    Optional<UserInfo> authenticate(Credentials shown);
}
