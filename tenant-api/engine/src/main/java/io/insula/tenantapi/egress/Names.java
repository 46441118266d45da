package io.insula.tenantapi.egress;

import io.insula.rules.network.IpAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;

/// Looks names up. A call may take as long as name servers do.
@FunctionalInterface
interface Names {

    /// By the machine's own resolver.
    Names SYSTEM = name -> Arrays.stream(InetAddress.getAllByName(name))
            .map(found -> IpAddress.of(found.getAddress()))
            .toList();

    /// At least one.
    List<IpAddress> find(String name) throws UnknownHostException;
}
