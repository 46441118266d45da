package io.insula.node.network;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Whether what pods send into the world gets through this machine, found by trying: rules of Docker, ufw
/// and others are not ours to read, and not ours to change. Needs root. Stateless.
public final class Forwarding {

    private static final Logger LOG = LoggerFactory.getLogger(Forwarding.class);
    private static final List<Path> BUSYBOX = List.of(Path.of("/usr/bin/busybox"), Path.of("/bin/busybox"));

    /// A place beyond the machine, made for this, which the pods' router calls. The name of its cable is not
    /// one of our nodes', to whom pods are not let.
    private static final String CALL = """
            device=$1 machine=$2 far=$3 busybox=$4 cable=$5
            if [ "$(cat /proc/sys/net/ipv4/ip_forward)" = 0 ]; then
              echo off
              exit 0
            fi
            clean() {
              ip link delete $cable 2>/dev/null || true
              ip netns delete $cable 2>/dev/null || true
            }
            clean
            trap clean EXIT
            ip netns add $cable
            ip link add $cable type veth peer name far netns $cable
            own=/proc/sys/net/ipv6/conf/$cable/disable_ipv6
            if [ -e $own ]; then echo 1 >$own; fi
            ip link set $cable up
            ip -n $cable address add $far/32 dev far
            ip -n $cable link set far up
            ip -n $cable route add $machine/32 dev far scope link
            ip -n $cable route add default via $machine dev far
            ip route replace $far/32 dev $cable
            for attempt in 1 2 3; do
              if nsenter --net=/run/netns/$device $busybox ping -c 1 -W 2 $far >/dev/null; then
                echo answered
                exit 0
              fi
            done
            echo silent
            """;

    private Forwarding() {}

    /// Why pods do not reach the world, and what a person can do about it; empty where they do, or where that
    /// could not be found out.
    public static Optional<String> obstacle(PodNetwork pods) {
        return obstacle(pods, List.of());
    }

    /// @param enter what is put before commands, as to run them on a machine that is only a namespace
    static Optional<String> obstacle(PodNetwork pods, List<String> enter) {
        Optional<Path> busybox = BUSYBOX.stream().filter(Files::isExecutable).findFirst();
        if (busybox.isEmpty()) {
            return Optional.empty();
        }
        try {
            String said = Shell.script(
                    enter,
                    CALL,
                    pods.device(),
                    pods.machine(),
                    pods.beyond(),
                    busybox.get().toString(),
                    "world" + Integer.toHexString(pods.device().hashCode()));
            return switch (said.strip()) {
                case "off" ->
                    Optional.of("pods reach nothing beyond this machine, as it forwards nothing:"
                            + " `sysctl -w net.ipv4.ip_forward=1` lets them out");
                case "silent" -> Optional.of(dropped(pods.device()));
                default -> Optional.empty();
            };
        } catch (NetworkException e) {
            LOG.atWarn().addKeyValue("name", pods.device()).setCause(e).log("cannot tell whether pods reach the world");
            return Optional.empty();
        }
    }

    private static String dropped(String device) {
        return "pods reach nothing beyond this machine, as its firewall (of Docker, ufw or the like) drops what it"
                + " forwards: `iptables -I FORWARD -i " + device + " -j ACCEPT; iptables -I FORWARD -o " + device
                + " -j ACCEPT` lets them out";
    }
}
