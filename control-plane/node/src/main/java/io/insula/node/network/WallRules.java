package io.insula.node.network;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.insula.node.network.PolicyRules.Direction;
import io.insula.rules.keys.InsulaKeys;
import io.insula.rules.network.AddressBlock;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.stream.Stream;

/// Who may talk to whom: each pod has a chain for what it sends and one for what it gets, shared with all pods of
/// which the same is true. A pod that is not known sends and gets nothing. Pure.
///
/// A tenant's pods reach their own tenant's pods, the cluster's resolver, their own API server, and what is outside of
/// the cluster and of this machine. Policies of the host's administrators, which are those that the syncer did not
/// write, open more; policies of tenants only close.
final class WallRules {

    /// Chain of what a pod sends: comes back if it may.
    static final String FROM_POD = "from-pod";
    /// Chain of what a pod gets: comes back if it may.
    static final String TO_POD = "to-pod";

    private static final String SENDING = "sending";
    private static final String GETTING = "getting";

    private static final String CLOSED = "closed-addresses";
    /// Addresses of all pods of the cluster, and of their routers.
    static final String PODS = "pod-addresses";

    private static final String PEER_ROUTERS = "peer-routers";
    /// Never anybody's in the world: this machine's, a link's, where clouds have their metadata, groups, the future's.
    private static final List<String> NOBODYS =
            List.of("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4");

    private final ClusterState state;
    private final NetworkSettings settings;
    private final Doors doors;
    private final Population population;
    private final Ruleset.Builder rules;
    private final PolicyRules openings;

    private WallRules(
            ClusterState state, NetworkSettings settings, Doors doors, Population population, Ruleset.Builder rules) {
        this.state = state;
        this.settings = settings;
        this.doors = doors;
        this.population = population;
        this.rules = rules;
        this.openings = new PolicyRules(rules, population);
    }

    static void add(
            ClusterState state, NetworkSettings settings, Doors doors, Population population, Ruleset.Builder rules) {
        new WallRules(state, settings, doors, population, rules).add();
    }

    private void add() {
        rules.map(SENDING, "type ipv4_addr : verdict").map(GETTING, "type ipv4_addr : verdict");
        addAddresses();
        AddressBlock here = settings.pods().block();
        for (PodFacts pod : population.pods()) {
            boolean isHere =
                    AddressBlock.address(pod.address()).filter(here::covers).isPresent();
            if (!pod.tenant().isEmpty()) {
                String own = tenantSet(pod.tenant());
                rules.set(own, "type ipv4_addr");
                rules.add(own, pod.address());
            }
            if (isHere) {
                rules.add(SENDING, pod.address(), "goto " + shared("o-", sending(pod)));
                rules.add(GETTING, pod.address(), "goto " + shared("i-", getting(pod)));
            }
        }
        rules.chain(FROM_POD, List.of("ip saddr vmap @" + SENDING, "drop"));
        rules.chain(TO_POD, List.of("ip daddr vmap @" + GETTING, "drop"));
    }

    private void addAddresses() {
        String blocks = "type ipv4_addr; flags interval";
        rules.set(PODS, blocks).set(CLOSED, blocks);
        List<AddressBlock> pods = Stream.concat(
                        Stream.of(settings.pods().block()),
                        state.nodes().stream().flatMap(WallRules::podBlocks))
                .toList();
        merged(pods).forEach(block -> rules.add(PODS, block));
        rules.set(PEER_ROUTERS, "type ipv4_addr");
        PeerCables.peers(state, settings.pods()).stream()
                .map(PodNetwork::router)
                .distinct()
                .forEach(router -> rules.add(PEER_ROUTERS, router));
        Stream<AddressBlock> machines = Stream.concat(
                        settings.addresses().stream(), state.nodes().stream().flatMap(WallRules::addresses))
                .flatMap(text -> AddressBlock.address(text).stream());
        var closed = new ArrayList<>(pods);
        NOBODYS.forEach(text -> closed.add(AddressBlock.of(text)));
        machines.forEach(closed::add);
        merged(closed).forEach(block -> rules.add(CLOSED, block));
    }

    private static List<String> merged(List<AddressBlock> blocks) {
        return AddressBlock.merged(blocks.stream().filter(AddressBlock::isIpv4).toList()).stream()
                .map(AddressBlock::toString)
                .toList();
    }

    static Stream<AddressBlock> podBlocks(Node node) {
        return node.getSpec() == null
                ? Stream.of()
                : Stream.concat(Stream.ofNullable(node.getSpec().getPodCIDR()), node.getSpec().getPodCIDRs().stream())
                        .flatMap(text -> AddressBlock.parse(text).stream());
    }

    private static Stream<String> addresses(Node node) {
        return node.getStatus() == null
                ? Stream.of()
                : node.getStatus().getAddresses().stream().map(each -> String.valueOf(each.getAddress()));
    }

    private String tenantSet(String tenant) {
        return "t-" + ServiceRules.hash(tenant);
    }

    /// A chain of these rules, one for all pods that have the same.
    private String shared(String prefix, List<String> steps) {
        String chain = prefix + ServiceRules.hash(String.join("\n", steps));
        if (!rules.has(chain)) {
            rules.chain(chain, steps);
        }
        return chain;
    }

    private List<String> sending(PodFacts pod) {
        List<NetworkPolicy> policies = openings.selecting(pod, Direction.EGRESS, state.policies());
        var steps = new LinkedHashSet<String>();
        String machine = "ip daddr " + settings.pods().machine();
        if (doors.dns() != 0) {
            steps.add(machine + " meta l4proto { tcp, udp } th dport " + doors.dns() + " return");
        }
        if (doors.api() != 0 && reachesItsServer(pod, policies)) {
            steps.add(machine + " tcp dport " + doors.api() + " return");
        }
        if (!pod.tenant().isEmpty()) {
            steps.addAll(openings.openings(pod, Direction.EGRESS, administrators(policies)));
            steps.add("ip daddr != @" + tenantSet(pod.tenant()) + " ip daddr @" + CLOSED + " drop");
        }
        return closed(steps, pod, Direction.EGRESS, policies);
    }

    private List<String> getting(PodFacts pod) {
        List<NetworkPolicy> policies = openings.selecting(pod, Direction.INGRESS, state.policies());
        var steps = new LinkedHashSet<String>();
        // the node itself, which asks how its pods are
        steps.add("ip saddr " + settings.pods().machine() + " return");
        steps.add("ip saddr @" + RouterRules.NODE_ADDRESSES + " iifname \"" + Router.UPLINK + "\" return");
        // another node of this machine, at whose ports somebody has called
        steps.add("ip saddr @" + PEER_ROUTERS + " iifname " + RouterRules.PEERS + " return");
        if (!pod.tenant().isEmpty()) {
            steps.addAll(openings.openings(pod, Direction.INGRESS, administrators(policies)));
            steps.add("ip saddr != @" + tenantSet(pod.tenant()) + " ip saddr @" + PODS + " drop");
        }
        return closed(steps, pod, Direction.INGRESS, policies);
    }

    /// Whom no policy selects is open.
    private List<String> closed(
            SequencedSet<String> steps, PodFacts pod, Direction direction, List<NetworkPolicy> policies) {
        if (policies.isEmpty()) {
            steps.add("return");
        } else {
            steps.addAll(openings.openings(pod, direction, policies));
            steps.add("drop");
        }
        return List.copyOf(steps);
    }

    /// Policies speak of an address of this machine by which the server is known, not of the one at which it is dialled
    /// here, nor of the one by which pods are led to it.
    private boolean reachesItsServer(PodFacts pod, List<NetworkPolicy> policies) {
        return settings.servers()
                .of(pod.tenant())
                .filter(server -> policies.isEmpty()
                        || known(server).anyMatch(each -> openings.isOpenTo(each, server.getPort(), policies)))
                .isPresent();
    }

    private Stream<String> known(InetSocketAddress server) {
        return Stream.concat(
                Stream.of(server.getAddress().getHostAddress(), settings.pods().machine()),
                settings.addresses().stream());
    }

    private static List<NetworkPolicy> administrators(List<NetworkPolicy> policies) {
        return policies.stream().filter(policy -> !isTenants(policy)).toList();
    }

    static boolean isTenants(NetworkPolicy policy) {
        Map<String, String> labels = policy.getMetadata().getLabels();
        return labels != null && InsulaKeys.SYNCER.equals(labels.get(InsulaKeys.MANAGED_BY));
    }
}
