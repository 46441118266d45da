package io.insula.tenantapi.service;

import com.fasterxml.jackson.databind.JsonNode;

/// Gives Services their cluster IPs. A host or stand-alone server allocates from its own range; for a tenant the
/// control
/// plane answers with the IP of the host Service that stands for it.
public interface ClusterIps {

    /// Reserves an address for `service` (complete but for its IPs).
    ///
    /// @param requested a wanted address, or empty for any
    /// @param dryRun answer without reserving
    /// @return the address; empty when it will be filled in later (the Service then shows none until it is)
    /// @throws io.insula.tenantapi.api.ApiException (422) when `requested` is taken or out of range
    String allocate(JsonNode service, String requested, boolean dryRun);

    /// Gives back an address whose Service is gone. Unknown addresses are ignored.
    void release(String namespace, String name, String address);
}
