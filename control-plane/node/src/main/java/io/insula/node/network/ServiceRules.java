package io.insula.node.network;

import io.insula.rules.digest.Sha256;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// From Services to the rules that lead to their endpoints. One packet meets one look-up in a map, then one chain,
/// however many Services there are; a change of one Service touches its own chains and elements. Pure.
///
/// Source: kube-proxy, `pkg/proxy/nftables/README.md` (what is decided where).
final class ServiceRules {

    /// Map from address, protocol and port to the chain that chooses an endpoint.
    static final String SERVICES = "services";
    /// The same for node ports.
    static final String NODE_PORTS = "node-ports";
    /// Map from address, protocol and port of Services that have nowhere to lead to, to what happens.
    static final String CLOSED_SERVICES = "closed-services";

    static final String CLOSED_NODE_PORTS = "closed-node-ports";
    static final String REJECT = "reject-packet";
    /// Set of all cluster IPs: at ports that no Service has, nobody answers, inside or outside of the cluster.
    static final String CLUSTER_IPS = "cluster-ips";
    /// Set of pods that a Service may lead to themselves, each twice.
    static final String HAIRPIN = "hairpin";

    private static final String DESTINATION = "type ipv4_addr . inet_proto . inet_service : verdict";
    private static final String PORT = "type inet_proto . inet_service : verdict";

    private ServiceRules() {}

    /// @param network whose machine counts as inside of the cluster: the node's own processes
    static void add(Ruleset.Builder rules, List<ServicePortView> ports, PodNetwork network) {
        rules.map(SERVICES, DESTINATION)
                .map(NODE_PORTS, PORT)
                .map(CLOSED_SERVICES, DESTINATION)
                .map(CLOSED_NODE_PORTS, PORT)
                .set(CLUSTER_IPS, "type ipv4_addr")
                .set(HAIRPIN, "type ipv4_addr . ipv4_addr")
                .chain(REJECT, List.of("meta l4proto tcp reject with tcp reset", "reject with icmp port-unreachable"));
        ports.forEach(port -> add(rules, port, network));
    }

    private static void add(Ruleset.Builder rules, ServicePortView port, PodNetwork network) {
        String id = hash(port.id());
        port.addresses().forEach(address -> rules.add(CLUSTER_IPS, address));
        port.backends().cluster().stream()
                .filter(Backend::isLocal)
                .forEach(each -> rules.add(HAIRPIN, each.address() + " . " + each.address()));
        List<Backend> inside = port.backends().of(port.isInternalLocal());
        if (inside.isEmpty()) {
            port.addresses().forEach(address -> rules.add(CLOSED_SERVICES, destination(address, port), closed(port)));
        } else {
            String chain = choosing(rules, "s-" + id, port, inside);
            port.addresses().forEach(address -> rules.add(SERVICES, destination(address, port), "goto " + chain));
        }
        if (port.isReachedFromOutside()) {
            addOutside(rules, port, id, network);
        }
    }

    private static void addOutside(Ruleset.Builder rules, ServicePortView port, String id, PodNetwork network) {
        List<Backend> anywhere = port.backends().cluster();
        List<Backend> outside = port.backends().of(port.isExternalLocal());
        if (outside.isEmpty()) {
            entries(port).forEach(entry -> rules.add(CLOSED_SERVICES, entry, closed(port)));
            if (port.nodePort() != 0) {
                rules.add(CLOSED_NODE_PORTS, port.protocol() + " . " + port.nodePort(), closed(port));
            }
        }
        if (anywhere.isEmpty() && outside.isEmpty()) {
            return;
        }
        String chain = "x-" + id;
        var steps = new ArrayList<String>();
        if (port.isExternalLocal()) {
            // whoever is in the cluster may be led anywhere in it
            if (!anywhere.isEmpty()) {
                String cluster = choosing(rules, "c-" + id, port, anywhere);
                steps.add("iifname != \"" + Router.UPLINK + "\" goto " + cluster);
                steps.add("ip saddr " + network.machine() + " goto " + cluster);
            }
            if (!outside.isEmpty()) {
                steps.add("goto " + choosing(rules, "l-" + id, port, outside));
            }
        } else {
            steps.add("goto " + choosing(rules, "c-" + id, port, anywhere));
        }
        rules.chain(chain, steps);
        port.external().forEach(address -> rules.add(SERVICES, destination(address, port), "goto " + chain));
        port.balanced()
                .forEach(
                        address -> rules.add(SERVICES, destination(address, port), "goto " + guarded(rules, port, id)));
        if (port.nodePort() != 0) {
            rules.add(NODE_PORTS, port.protocol() + " . " + port.nodePort(), "goto " + chain);
        }
    }

    /// A load balancer's address, for those only whom it lets in.
    private static String guarded(Ruleset.Builder rules, ServicePortView port, String id) {
        if (port.sources().isEmpty()) {
            return "x-" + id;
        }
        String chain = "f-" + id;
        rules.chain(chain, List.of("ip saddr { " + String.join(", ", port.sources()) + " } goto x-" + id));
        // who is not led away is turned away when forwarded
        port.balanced().forEach(address -> rules.add(CLOSED_SERVICES, destination(address, port), "drop"));
        return chain;
    }

    private static List<String> entries(ServicePortView port) {
        var all = new ArrayList<String>();
        port.external().forEach(address -> all.add(destination(address, port)));
        port.balanced().forEach(address -> all.add(destination(address, port)));
        return all;
    }

    /// Clients of a Service without endpoints learn it at once; where there are some that they must not be led to,
    /// nobody answers.
    private static String closed(ServicePortView port) {
        return port.backends().hasAny() ? "drop" : "goto " + REJECT;
    }

    private static String destination(String address, ServicePortView port) {
        return address + " . " + port.protocol() + " . " + port.port();
    }

    /// The chain that leads to one of some endpoints.
    private static String choosing(Ruleset.Builder rules, String chain, ServicePortView port, List<Backend> backends) {
        if (rules.has(chain)) {
            return chain;
        }
        if (port.affinitySeconds() == 0) {
            rules.chain(chain, List.of("meta l4proto " + port.protocol() + " dnat " + target(backends)));
            return chain;
        }
        var steps = new ArrayList<String>();
        var choice = new TreeMap<Integer, String>();
        for (Backend backend : backends) {
            String id = hash(port.id() + " " + port.affinitySeconds() + " " + backend.target());
            String clients = "a-" + id;
            String endpoint = "e-" + id;
            rules.set(
                    clients,
                    "type ipv4_addr; flags dynamic,timeout; size 65535; timeout " + port.affinitySeconds() + "s");
            rules.chain(
                    endpoint,
                    List.of(
                            "update @" + clients + " { ip saddr }",
                            "meta l4proto " + port.protocol() + " dnat ip to " + backend.address() + ":"
                                    + backend.port()));
            steps.add("ip saddr @" + clients + " goto " + endpoint);
            choice.put(choice.size(), endpoint);
        }
        var choices = new ArrayList<String>();
        choice.forEach((number, endpoint) -> choices.add(number + " : goto " + endpoint));
        steps.add("numgen random mod " + choice.size() + " vmap { " + String.join(", ", choices) + " }");
        rules.chain(chain, steps);
        return chain;
    }

    private static String target(List<Backend> backends) {
        if (backends.size() == 1) {
            return "ip to " + backends.getFirst().address() + ":"
                    + backends.getFirst().port();
        }
        var targets = new ArrayList<String>();
        for (Backend backend : backends) {
            targets.add(targets.size() + " : " + backend.target());
        }
        return "ip addr . port to numgen random mod " + backends.size() + " map { " + String.join(", ", targets) + " }";
    }

    /// 64 bits: chains of different Services must not meet.
    static String hash(String text) {
        return Sha256.hex(text, 8);
    }
}
