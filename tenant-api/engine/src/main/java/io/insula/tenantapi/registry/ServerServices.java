package io.insula.tenantapi.registry;

import io.insula.tenantapi.auth.Authorizer;
import io.insula.tenantapi.auth.ServiceAccountTokens;
import io.insula.tenantapi.auth.TokenAuthenticator;
import io.insula.tenantapi.service.ClusterIps;
import java.util.Map;
import java.util.Optional;

/// What one server instance lends to its kinds: each is this tenant's own.
public interface ServerServices {

    ClusterIps clusterIps();

    Authorizer authorizer();

    ServiceAccountTokens serviceAccountTokens();

    /// The health of the parts that a tenant's control plane has, by name: each throws when its part does not work.
    default Map<String, Runnable> components() {
        return Map.of();
    }

    /// Every kind of bearer token that the server takes.
    default TokenAuthenticator tokens() {
        return (token, audiences) -> Optional.of(serviceAccountTokens().verify(token, audiences));
    }
}
