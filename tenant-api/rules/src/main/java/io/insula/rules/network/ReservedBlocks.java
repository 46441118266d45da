package io.insula.rules.network;

import java.util.List;
import java.util.stream.Stream;

/// Addresses that are never another cluster's, whatever network this is: this machine, this link, groups, and the
/// services by which clouds give machines their credentials.
///
/// Source: IANA special-purpose address registries (RFC 6890); the clouds' documentation of their metadata services, by
/// address.
public final class ReservedBlocks {

    public static final List<AddressBlock> ALL = Stream.of(
                    "0.0.0.0/8",
                    "127.0.0.0/8",
                    // the metadata services of AWS, Google, Azure, OpenStack and most others
                    "169.254.0.0/16",
                    "224.0.0.0/4",
                    "240.0.0.0/4",
                    // Alibaba Cloud
                    "100.100.100.200/32",
                    // Azure WireServer
                    "168.63.129.16/32",
                    // Oracle Cloud Classic
                    "192.0.0.192/32",
                    "::/128",
                    "::1/128",
                    // OpenStack and others: fe80::a9fe:a9fe
                    "fe80::/10",
                    "fec0::/10",
                    "ff00::/8",
                    // AWS: metadata ::254, time ::123, DNS ::253, pod identity ::23
                    "fd00:ec2::/32",
                    // Google
                    "fd20:ce::254/128",
                    // Oracle Cloud
                    "fd00:c1::a9fe:a9fe/128",
                    // Scaleway
                    "fd00:42::42/128",
                    // Linode
                    "fd00:a9fe:a9fe::1/128",
                    // Alibaba Cloud
                    "fd00:100::100:200/128",
                    // a translator's own prefix (RFC 8215): where in it the IPv4 address is, only its owner knows
                    "64:ff9b:1::/48")
            .map(AddressBlock::of)
            .toList();

    /// Of these, the services by which clouds give machines and pods their credentials.
    ///
    /// Source: the clouds' documentation, by address; AWS, "Container credential provider" for `169.254.170.2` and
    /// `169.254.170.23`.
    public static final List<AddressBlock> METADATA = Stream.of(
                    "169.254.169.254/32",
                    "169.254.170.2/32",
                    "169.254.170.23/32",
                    "100.100.100.200/32",
                    "168.63.129.16/32",
                    "192.0.0.192/32",
                    "fd00:ec2::254/128",
                    "fd00:ec2::23/128",
                    "fd20:ce::254/128",
                    "fd00:c1::a9fe:a9fe/128",
                    "fd00:42::42/128",
                    "fd00:a9fe:a9fe::1/128",
                    "fd00:100::100:200/128")
            .map(AddressBlock::of)
            .toList();

    /// Where simulated nodes and pods have their addresses: set aside for measurements within a laboratory, so that
    /// nobody routes them. Source: RFC 2544, RFC 6890.
    public static final AddressBlock SIMULATED = AddressBlock.of("198.18.0.0/15");

    private ReservedBlocks() {}

    /// Whether an address is one of these, or carries an IPv4 address that is.
    public static boolean cover(IpAddress address) {
        var block = AddressBlock.of(address);
        return Stream.concat(Stream.of(block), block.embedded().stream())
                .anyMatch(each -> ALL.stream().anyMatch(reserved -> reserved.overlaps(each)));
    }
}
