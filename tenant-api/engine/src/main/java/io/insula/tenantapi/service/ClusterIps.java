package io.insula.tenantapi.service;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/// Gives Services their cluster IPs. A host or stand-alone server allocates from its own range; for a tenant
/// the control plane answers with what the host gives the Service that stands for it there.
public interface ClusterIps {

    /// Reserves addresses for `service` (complete but for its IPs). Asked at each create and update of a
    /// Service that has a virtual address, hence also for what it was given before.
    ///
    /// @param requested a wanted address, or empty for any
    /// @param dryRun answer without reserving
    /// @throws io.insula.tenantapi.api.ApiException (422) when `requested` is taken or out of range
    Given allocate(JsonNode service, String requested, boolean dryRun);

    /// Gives back an address whose Service is gone. Unknown addresses are ignored.
    void release(String namespace, String name, String address);

    /// Whether node ports come from here too. Otherwise the server chooses them itself, before it asks for
    /// addresses.
    default boolean givesNodePorts() {
        return false;
    }

    /// The networks that addresses come from, as CIDRs: what the ServiceCIDR `kubernetes` tells. Empty where they
    /// are not known.
    default List<String> networks() {
        return List.of();
    }

    /// What a Service was given.
    ///
    /// @param clusterIps the first is `spec.clusterIP`; empty when they will be filled in later (none is
    ///     shown until they are)
    /// @param ipFamilies of `clusterIps`; empty to leave the Service's own
    /// @param nodePorts by position in `spec.ports`, 0 for none; empty unless [#givesNodePorts]
    /// @param healthCheckNodePort 0 for none
    record Given(List<String> clusterIps, List<String> ipFamilies, List<Integer> nodePorts, int healthCheckNodePort) {

        public Given {
            clusterIps = List.copyOf(clusterIps);
            ipFamilies = List.copyOf(ipFamilies);
            nodePorts = List.copyOf(nodePorts);
        }

        public static Given address(String clusterIp) {
            return new Given(List.of(clusterIp), List.of(), List.of(), 0);
        }
    }
}
