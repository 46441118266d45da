package io.insula.node.network;

import io.fabric8.kubernetes.api.model.Service;
import io.insula.rules.keys.InsulaKeys;
import io.insula.rules.network.AddressBlock;
import io.insula.rules.network.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/// All rules of the pods' router. Pure.
final class RouterRules {

    static final String NODE_ADDRESSES = "node-addresses";

    /// All cables to other nodes of this machine.
    static final String PEERS = "\"" + PeerCables.PREFIX + "*\"";

    private static final String UPLINK = "\"" + Router.UPLINK + "\"";
    private static final int DNS = 53;

    private RouterRules() {}

    static Ruleset of(ClusterState state, Population population, NetworkSettings settings, Doors doors) {
        PodNetwork pods = settings.pods();
        AddressBlock block = pods.block();
        List<ServicePortView> ports = ServiceViews.of(
                state.services(),
                state.slices(),
                address -> AddressBlock.address(address).filter(block::covers).isPresent(),
                service -> ownBackend(service, population, settings, doors));
        var rules = new Ruleset.Builder();
        List<ServicePortView> hostPorts = HostPortViews.of(state.pods(), block, ports);
        ServiceRules.add(
                rules, Stream.concat(ports.stream(), hostPorts.stream()).toList(), pods);
        addAddresses(rules, settings);
        addTranslation(rules, pods, doors);
        WallRules.add(state, settings, doors, population, rules);
        addFilters(rules);
        return rules.build();
    }

    /// What a Service leads to by our own word: `kubernetes` to whoever's API server the asking pod means, and a
    /// tenant's DNS that has no pods to the resolver.
    private static Optional<Backend> ownBackend(
            Service service, Population population, NetworkSettings settings, Doors doors) {
        var meta = service.getMetadata();
        String tenant =
                population.labels().getOrDefault(meta.getNamespace(), Map.of()).getOrDefault(InsulaKeys.TENANT, "");
        Map<String, String> own = meta.getAnnotations() == null ? Map.of() : meta.getAnnotations();
        String namespace = tenant.isEmpty() ? meta.getNamespace() : own.getOrDefault(InsulaKeys.NAMESPACE, "");
        String name = tenant.isEmpty() ? meta.getName() : own.getOrDefault(InsulaKeys.NAME, "");
        Map<String, String> selector = service.getSpec().getSelector();
        boolean hasPods = selector != null && !selector.isEmpty();
        if (namespace.equals("default") && name.equals("kubernetes") && doors.api() != 0) {
            return settings.servers().of(tenant).map(_ -> here(settings, doors.api()));
        }
        boolean isDns = namespace.equals("kube-system") && name.equals("kube-dns") && !hasPods;
        return isDns && doors.dns() != 0 ? Optional.of(here(settings, doors.dns())) : Optional.empty();
    }

    private static Backend here(NetworkSettings settings, int port) {
        return new Backend(settings.pods().machine(), port, true, true, true, false);
    }

    /// At which of the router's and the machine's addresses node ports answer: also at the one that is the node's.
    private static void addAddresses(Ruleset.Builder rules, NetworkSettings settings) {
        rules.set(NODE_ADDRESSES, "type ipv4_addr");
        var all = new TreeSet<String>();
        all.add(settings.pods().router());
        all.add(settings.pods().machine());
        settings.addresses().stream()
                .flatMap(text -> IpAddress.parse(text).stream())
                .filter(address -> address.isIpv4() && !address.isLoopback())
                .forEach(address -> all.add(address.toString()));
        all.forEach(address -> rules.add(NODE_ADDRESSES, address));
    }

    private static void addTranslation(Ruleset.Builder rules, PodNetwork pods, Doors doors) {
        var steps = new ArrayList<String>();
        if (doors.dns() != 0) {
            // not at the port itself, which a resolver of the machine's own may have
            steps.add("ip daddr " + pods.machine() + " meta l4proto { tcp, udp } th dport " + DNS + " dnat ip to "
                    + pods.machine() + ":" + doors.dns());
        }
        steps.add("ip daddr . meta l4proto . th dport vmap @" + ServiceRules.SERVICES);
        steps.add("ip daddr @" + NODE_ADDRESSES + " meta l4proto . th dport vmap @" + ServiceRules.NODE_PORTS);
        rules.hooked("translation", "type nat hook prerouting priority dstnat; policy accept", steps);
        rules.hooked(
                "leaving",
                "type nat hook postrouting priority srcnat; policy accept",
                List.of(
                        // a pod that is led to itself would get its own address as the client's, and drop it
                        "ct status dnat ip saddr . ip daddr @" + ServiceRules.HAIRPIN + " masquerade fully-random",
                        // what comes in by the cable and is led out by it would not come back this way
                        "ct status dnat oifname " + UPLINK + " ip daddr != " + pods.machine()
                                + " masquerade fully-random",
                        // nor what comes in by it and is led to another node's pod, whose answer would go its own way
                        "ct status dnat oifname " + PEERS + " ip saddr != " + pods.subnet()
                                + " masquerade fully-random"));
    }

    private static void addFilters(Ruleset.Builder rules) {
        // A pod has its own address only: the kernel would send answers to it down the same cable. It knows none for
        // addresses of the router itself, so nobody has those either.
        rules.hooked(
                "own-addresses",
                "type filter hook prerouting priority raw; policy accept",
                List.of("iifname \"lo\" accept", "fib saddr . iif oif missing drop"));
        String closed = "ip daddr . meta l4proto . th dport vmap @" + ServiceRules.CLOSED_SERVICES;
        String closedPorts =
                "ip daddr @" + NODE_ADDRESSES + " meta l4proto . th dport vmap @" + ServiceRules.CLOSED_NODE_PORTS;
        rules.hooked(
                "forwarding",
                "type filter hook forward priority filter; policy drop",
                List.of(
                        "ct state established,related accept",
                        "ct state invalid drop",
                        closed,
                        closedPorts,
                        "ip daddr @" + ServiceRules.CLUSTER_IPS + " goto " + ServiceRules.REJECT,
                        // from its own cluster's pods, for pods here: a cable is nobody's way to anywhere else
                        "iifname " + PEERS + " ip saddr != @" + WallRules.PODS + " drop",
                        "iifname " + PEERS + " oifname " + UPLINK + " drop",
                        "iifname " + PEERS + " oifname " + PEERS + " drop",
                        "iifname != " + UPLINK + " iifname != " + PEERS + " jump " + WallRules.FROM_POD,
                        "oifname != " + UPLINK + " oifname != " + PEERS + " jump " + WallRules.TO_POD,
                        // a stranger is led out again only by a Service
                        "iifname " + UPLINK + " oifname " + UPLINK + " ct status ! dnat drop",
                        "accept"));
        rules.hooked(
                "arriving",
                "type filter hook input priority filter; policy drop",
                List.of("ct state established,related accept", "iifname \"lo\" accept", closed, closedPorts));
    }
}
