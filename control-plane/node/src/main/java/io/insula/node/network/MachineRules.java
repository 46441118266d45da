package io.insula.node.network;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Our one table among the machine's own rules: what pods may reach of the machine, which is next to nothing, and how
/// node ports are led to the pods' router. Pure.
final class MachineRules {

    private static final String NODE_PORTS = "node-ports";

    private MachineRules() {}

    /// @param router the rules of the router that node ports are for
    static Ruleset of(PodNetwork pods, Doors doors, Ruleset router) {
        String fromPods = "iifname \"" + pods.device() + "\" ";
        var rules = new Ruleset.Builder();
        rules.set(NODE_PORTS, "type inet_proto . inet_service");
        Stream.of(ServiceRules.NODE_PORTS, ServiceRules.CLOSED_NODE_PORTS)
                .flatMap(name -> Stream.ofNullable(router.sets().get(name)))
                .forEach(map -> map.elements().keySet().forEach(port -> rules.add(NODE_PORTS, port)));
        String led = "fib daddr type local ip daddr != { 127.0.0.0/8, " + pods.machine()
                + " } meta l4proto . th dport @" + NODE_PORTS + " dnat ip to " + pods.router();
        rules.hooked("translation", "type nat hook prerouting priority dstnat; policy accept", List.of(led));
        rules.hooked("own-translation", "type nat hook output priority -100; policy accept", List.of(led));
        // pods' addresses mean nothing outside of this machine
        rules.hooked(
                "leaving",
                "type nat hook postrouting priority srcnat; policy accept",
                List.of("ip saddr " + pods.subnet() + " oifname != { \"lo\", \"" + pods.device()
                        + "\" } masquerade fully-random"));
        var arriving = new ArrayList<String>();
        arriving.add(fromPods + "ct state established,related accept");
        String here = fromPods + "ip daddr " + pods.machine() + " ";
        if (doors.dns() != 0) {
            arriving.add(here + "meta l4proto { tcp, udp } th dport " + doors.dns() + " accept");
        }
        if (doors.api() != 0) {
            arriving.add(here + "tcp dport " + doors.api() + " accept");
        }
        // whatever other address of the machine they ask for
        arriving.add(fromPods + "drop");
        // nodes of another home on this machine know nothing of ours: what they got would come from the machine itself
        rules.hooked(
                "forwarding",
                "type filter hook forward priority filter; policy accept",
                List.of(fromPods + "oifname != \"" + pods.device() + "\" oifname \"" + PodNetwork.DEVICES
                        + "*\" drop"));
        rules.hooked("arriving", "type filter hook input priority filter; policy accept", arriving);
        return rules.build();
    }
}
