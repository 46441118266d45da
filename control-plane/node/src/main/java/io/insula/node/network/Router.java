package io.insula.node.network;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The router of a machine's pods: a network namespace, one cable from it to the machine, and one to each pod, which
/// CNI's `ptp` lays. Pods share no Ethernet with anybody: whatever they send, the router alone gets it.
///
/// It stays when Insula ends, as the pods and the rules for them do. Needs root. Stateless.
public final class Router {

    /// The router's end of the cable to the machine.
    static final String UPLINK = "uplink";

    private static final Path NAMESPACES = Path.of("/run/netns");
    /// Each step may have been done by an earlier start that was killed. It forwards nothing before somebody has said
    /// what it may forward: pods that ran before a start of the machine are not without walls until then.
    private static final String MAKE = """
            device=$1 machine=$2 router=$3 subnet=$4
            [ -e /run/netns/$device ] || ip netns add $device
            if ! ip -n $device link show dev uplink >/dev/null 2>&1; then
              ip link delete $device >/dev/null 2>&1 || true
              ip link add $device type veth peer name uplink netns $device
            fi
            nsenter --net=/run/netns/$device sh -eu -c '
              cd /proc/sys/net
              for all in all default; do
                if [ -e ipv6/conf/$all/disable_ipv6 ]; then echo 1 >ipv6/conf/$all/disable_ipv6; fi
                echo 0 >ipv4/conf/$all/send_redirects
                echo 0 >ipv4/conf/$all/accept_redirects
                echo 0 >ipv4/conf/$all/accept_source_route
              done
              nft list table ip insula >/dev/null 2>&1 || nft "
                add table ip insula
                add chain ip insula forwarding { type filter hook forward priority filter; policy drop; }
                add chain ip insula arriving { type filter hook input priority filter; policy drop; }
                add rule ip insula arriving ct state established,related accept"
              echo 1 >ipv4/ip_forward'
            own=/proc/sys/net/ipv6/conf/$device/disable_ipv6
            if [ -e $own ]; then echo 1 >$own; fi
            ip address replace $machine/32 dev $device
            ip link set $device up
            ip route replace $router/32 dev $device scope link src $machine
            ip route replace $subnet via $router dev $device src $machine
            ip -n $device link set lo up
            ip -n $device address replace $router/32 dev uplink
            ip -n $device link set uplink up
            ip -n $device route replace $machine/32 dev uplink scope link
            ip -n $device route replace default via $machine dev uplink
            """;
    /// The cable first: the kernel takes its time for what is left in a namespace.
    private static final String REMOVE = """
            if command -v nft >/dev/null; then nft "add table ip $1; delete table ip $1"; fi
            if ip link show $1 >/dev/null 2>&1; then ip link delete $1; fi
            if [ -e /run/netns/$1 ]; then ip netns delete $1; fi
            """;

    private Router() {}

    /// Makes what is missing of it.
    ///
    /// @throws NetworkException where the machine cannot
    public static void make(PodNetwork network) {
        make(network, List.of());
    }

    /// @param enter what is put before commands, as to run them on a machine that is only a namespace
    static void make(PodNetwork network, List<String> enter) {
        boolean isNew = !Files.exists(namespace(network));
        try {
            Shell.script(enter, MAKE, network.device(), network.machine(), network.router(), network.subnet());
        } catch (NetworkException e) {
            if (isNew) {
                remove(network);
            }
            throw e;
        }
    }

    /// Removes it with every cable. Pods that still run have no network then.
    ///
    /// @throws NetworkException where something of it stays
    public static void remove(PodNetwork network) {
        Shell.script(REMOVE, network.device());
    }

    /// The rules in it.
    static NftTable table(PodNetwork network) {
        return new NftTable(List.of("nsenter", "--net=" + namespace(network)), "ip insula");
    }

    /// Our rules among the machine's own.
    static NftTable machineTable(PodNetwork network) {
        return new NftTable(List.of(), "ip " + network.device());
    }

    /// The file by which programs enter its namespace.
    public static Path namespace(PodNetwork network) {
        return NAMESPACES.resolve(network.device());
    }
}
