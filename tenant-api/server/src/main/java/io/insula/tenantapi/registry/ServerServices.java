package io.insula.tenantapi.registry;

import io.insula.tenantapi.auth.Authorizer;
import io.insula.tenantapi.auth.ServiceAccountTokens;
import io.insula.tenantapi.service.ClusterIps;

/// What one server instance lends to its kinds: each is this tenant's own.
public interface ServerServices {

    ClusterIps clusterIps();

    Authorizer authorizer();

    ServiceAccountTokens serviceAccountTokens();
}
