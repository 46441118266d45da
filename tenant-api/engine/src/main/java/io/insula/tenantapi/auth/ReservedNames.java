package io.insula.tenantapi.auth;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.auth.ServiceAccountTokens.Verified;
import java.util.Optional;
import java.util.stream.Stream;

/// Names that only the cluster's own authority gives, by a certificate: those of who serves the cluster. Whoever else
/// hands out users (issuers outside, a front proxy, tokens of a Secret) is free in its choice of names, and would get
/// by one of these what no role gives. Immutable.
///
/// @param prefix of users' and groups' names; empty where none is kept back
public record ReservedNames(String prefix) {

    /// None.
    public static final ReservedNames NONE = new ReservedNames("");

    /// The same tokens, but for those whose user would have such a name: they are refused.
    public TokenAuthenticator keptFrom(TokenAuthenticator tokens) {
        return (token, audiences) -> tokens.authenticate(token, audiences).map(this::checked);
    }

    /// The same users, but for those of such a name: they are refused.
    public Authenticator keptFrom(Authenticator others) {
        return shown -> {
            Optional<UserInfo> user = others.authenticate(shown);
            user.ifPresent(this::check);
            return user;
        };
    }

    private Verified checked(Verified verified) {
        check(verified.user());
        return verified;
    }

    private void check(UserInfo user) {
        Optional<String> taken = Stream.concat(Stream.of(user.name()), user.groups().stream())
                .filter(name -> !prefix.isEmpty() && name.startsWith(prefix))
                .findFirst();
        if (taken.isPresent()) {
            throw ApiException.of(
                    401,
                    "Unauthorized",
                    "\"" + taken.get() + "\" is a name that only a certificate of this cluster's own authority gives");
        }
    }
}
