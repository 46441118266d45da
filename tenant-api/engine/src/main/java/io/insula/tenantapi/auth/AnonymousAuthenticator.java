package io.insula.tenantapi.auth;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// Lets nobody in particular ask where that is allowed: usually whether the server lives and what version it is.
/// Every other path needs a credential: a tenant may not open its API to the world by binding roles to
/// `system:unauthenticated`, unless whoever runs the server has opened the path before.
///
/// @param allowed of a path
///
/// Source: Kubernetes documentation, "Anonymous requests" with conditions by path.
public record AnonymousAuthenticator(Predicate<String> allowed) implements Authenticator {

    private static final UserInfo NOBODY =
            new UserInfo(UserInfo.ANONYMOUS, "", List.of(UserInfo.UNAUTHENTICATED), Map.of());

    @Override
    public Optional<UserInfo> authenticate(Credentials shown) {
        return allowed.test(shown.path()) ? Optional.of(NOBODY) : Optional.empty();
    }
}
