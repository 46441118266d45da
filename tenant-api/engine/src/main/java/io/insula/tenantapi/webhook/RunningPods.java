package io.insula.tenantapi.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.rules.network.IpAddress;

/// Whether pods run, by the word of whoever runs them. A port: a tenant writes what its own API says of its pods, also
/// their addresses, so that nothing there proves anything.
@FunctionalInterface
public interface RunningPods {

    /// Nobody knows.
    RunningPods UNKNOWN = (_, _) -> false;

    /// @param pod as the tenant has it
    /// @param address that the tenant says is the pod's
    /// @return whether that very pod runs now and has that address; false where it cannot be found out
    boolean run(JsonNode pod, IpAddress address);
}
