package io.insula.tenantapi.auth;

import io.insula.tenantapi.auth.ServiceAccountTokens.Verified;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// One kind of bearer token. Thread-safe.
@FunctionalInterface
public interface TokenAuthenticator {

    /// Whose token it is; empty when it is not of this kind.
    ///
    /// @param audiences one of which the token must be for; empty for the server's own
    /// @throws io.insula.tenantapi.api.ApiException (401) with the reason as its message when it is of this kind,
    ///     but bad
    Optional<Verified> authenticate(String token, List<String> audiences);

    /// A kind of token that names no audience of ours: it is for the server's own audiences and no other. Its users
    /// are `system:authenticated`.
    /// Source: kubernetes/apiserver, `authenticator/audagnostic.go`.
    static TokenAuthenticator forAudiences(List<String> own, Function<String, Optional<UserInfo>> tokens) {
        List<String> all = List.copyOf(own);
        return (token, audiences) -> {
            List<String> matching = audiences.isEmpty()
                    ? all
                    : audiences.stream().filter(all::contains).toList();
            return matching.isEmpty()
                    ? Optional.empty()
                    : tokens.apply(token)
                            .map(user -> new Verified(
                                    new UserInfo(
                                            user.name(), user.uid(), Groups.authenticated(user.groups()), user.extra()),
                                    matching));
        };
    }
}
