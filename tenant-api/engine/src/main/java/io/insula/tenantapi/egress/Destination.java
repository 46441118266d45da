package io.insula.tenantapi.egress;

import io.insula.rules.network.IpAddress;

/// Where a request goes.
public sealed interface Destination {

    /// To whatever the host of its URL is: a name, which is looked up, or an address.
    record OfUrl() implements Destination {}

    /// To an address that is known already; the host of the URL is only who answers there.
    ///
    /// @param port 1–65535
    /// @param running whether it is known to be that of a pod that runs for this very tenant
    record At(IpAddress address, int port, boolean running) implements Destination {}

    Destination OF_URL = new OfUrl();
}
