package io.insula.controlplane.home;

import io.insula.rules.network.AddressBlock;
import io.insula.rules.network.IpAddress;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/// One port for all tenants, told apart by the names that clients ask for. Immutable.
///
/// @param domain under which each tenant has its name, in lower case: with `k8s.example.com` that of `acme` is
///     `acme.k8s.example.com`. Whoever serves the domain leads all of its names to this machine
/// @param port fixed, since people and firewalls know it
/// @param proxies whose connections begin with a PROXY protocol header
public record FrontDoorPlan(String domain, int port, List<AddressBlock> proxies) {

    private static final int HTTPS = 443;

    public FrontDoorPlan {
        proxies = List.copyOf(proxies);
    }

    /// The DNS name of a tenant.
    public String nameOf(String tenant) {
        return tenant + "." + domain;
    }

    /// What a name asks for: the label before the domain; empty for a name of no tenant's.
    public Optional<String> tenantOf(String name) {
        String end = "." + domain;
        return Optional.of(name)
                .filter(n -> n.endsWith(end))
                .map(n -> n.substring(0, n.length() - end.length()))
                .filter(label -> !label.isEmpty() && label.indexOf('.') < 0);
    }

    /// Where clients of a tenant go.
    public String urlOf(String tenant) {
        return "https://" + nameOf(tenant) + (port == HTTPS ? "" : ":" + port);
    }

    /// Whether a connection from there is a proxy's.
    public boolean isProxy(InetAddress address) {
        IpAddress from = IpAddress.of(address.getAddress()).unmapped();
        return proxies.stream().anyMatch(block -> block.covers(from));
    }
}
