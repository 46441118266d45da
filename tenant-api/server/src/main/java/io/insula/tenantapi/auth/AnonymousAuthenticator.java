package io.insula.tenantapi.auth;

import io.insula.tenantapi.http.HttpRequest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Lets nobody in particular ask whether the server lives and what version it is. Every other path needs a credential:
/// a tenant may not open its API to the world by binding roles to `system:unauthenticated`.
///
/// Source: Kubernetes documentation, "Anonymous requests" with conditions by path.
public final class AnonymousAuthenticator implements Authenticator {

    private static final UserInfo NOBODY =
            new UserInfo(UserInfo.ANONYMOUS, "", List.of(UserInfo.UNAUTHENTICATED), Map.of());
    private static final Set<String> OPEN =
            Set.of("/livez", "/readyz", "/healthz", "/version", "/version/", "/livez/ping", "/readyz/ping");

    @Override
    public Optional<UserInfo> authenticate(HttpRequest request) {
        return OPEN.contains(request.path()) ? Optional.of(NOBODY) : Optional.empty();
    }
}
