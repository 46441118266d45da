package io.insula.node.network;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.networking.v1.IPBlock;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.insula.rules.network.AddressBlock;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// From network policies to what lets packets through, one direction of one pod at a time. Each rule ends in `return`:
/// it opens. Confined to one thread, as it fills the ruleset's sets.
///
/// Source: Kubernetes API, `NetworkPolicySpec`; Kubernetes documentation, "Network Policies".
final class PolicyRules {

    /// Everything, also what is neither TCP nor UDP.
    private static final String ALL = "";

    private final Ruleset.Builder rules;
    private final Population population;
    private final Set<String> sets = new TreeSet<>();

    PolicyRules(Ruleset.Builder rules, Population population) {
        this.rules = rules;
        this.population = population;
    }

    enum Direction {
        INGRESS("Ingress", "saddr"),
        EGRESS("Egress", "daddr");

        private final String type;
        private final String peer;

        Direction(String type, String peer) {
            this.type = type;
            this.peer = peer;
        }
    }

    /// One rule of a policy: peers and ports.
    private record Opening(String namespace, List<NetworkPolicyPeer> peers, List<NetworkPolicyPort> ports) {}

    /// Those that are for a pod in a direction. One is enough to close it but for what they open together.
    List<NetworkPolicy> selecting(PodFacts pod, Direction direction, List<NetworkPolicy> policies) {
        return policies.stream()
                .filter(policy -> policy.getMetadata().getNamespace().equals(pod.namespace()))
                .filter(policy -> policy.getSpec() != null && types(policy).contains(direction.type))
                .filter(policy -> policy.getSpec().getPodSelector() == null
                        || Selection.matches(policy.getSpec().getPodSelector(), pod.labels()))
                .toList();
    }

    /// Without a word a policy is for what comes in, and for what goes out if it says something of that.
    private static List<String> types(NetworkPolicy policy) {
        var spec = policy.getSpec();
        if (!spec.getPolicyTypes().isEmpty()) {
            return spec.getPolicyTypes();
        }
        return spec.getEgress().isEmpty() ? List.of("Ingress") : List.of("Ingress", "Egress");
    }

    /// What some policies open of a pod.
    List<String> openings(PodFacts pod, Direction direction, List<NetworkPolicy> selecting) {
        var all = new LinkedHashSet<String>();
        for (Opening opening : openings(direction, selecting)) {
            List<PodFacts.NamedPort> named = direction == Direction.INGRESS ? pod.ports() : List.of();
            for (String peer : peers(opening, direction)) {
                all.addAll(ports(peer, opening.ports(), named));
            }
            if (direction == Direction.EGRESS) {
                all.addAll(namedElsewhere(opening));
            }
        }
        return List.copyOf(all);
    }

    /// Whether policies open the way to one address outside of the pods' network.
    boolean isOpenTo(String address, int port, List<NetworkPolicy> selecting) {
        Optional<AddressBlock> target = AddressBlock.address(address);
        return target.isPresent()
                && openings(Direction.EGRESS, selecting).stream()
                        .filter(opening -> opening.ports().isEmpty()
                                || opening.ports().stream().anyMatch(own -> covers(own, port)))
                        .anyMatch(opening -> opening.peers().isEmpty()
                                || opening.peers().stream().anyMatch(peer -> covers(peer, target.get())));
    }

    private static boolean covers(NetworkPolicyPort own, int port) {
        Integer first = own.getPort() == null ? null : own.getPort().getIntVal();
        boolean isTcp = protocol(own).equals("tcp");
        if (own.getPort() == null) {
            return isTcp;
        }
        int last = first == null || own.getEndPort() == null ? (first == null ? -1 : first) : own.getEndPort();
        return isTcp && first != null && first <= port && port <= last;
    }

    private static boolean covers(NetworkPolicyPeer peer, AddressBlock target) {
        IPBlock block = peer.getIpBlock();
        return block != null
                && AddressBlock.parse(block.getCidr())
                        .filter(all -> all.covers(target))
                        .isPresent()
                && block.getExcept().stream()
                        .flatMap(hole -> AddressBlock.parse(hole).stream())
                        .noneMatch(hole -> hole.covers(target));
    }

    private static List<Opening> openings(Direction direction, List<NetworkPolicy> selecting) {
        var all = new ArrayList<Opening>();
        for (NetworkPolicy policy : selecting) {
            String namespace = policy.getMetadata().getNamespace();
            if (direction == Direction.INGRESS) {
                policy.getSpec()
                        .getIngress()
                        .forEach(rule -> all.add(new Opening(namespace, rule.getFrom(), rule.getPorts())));
            } else {
                policy.getSpec()
                        .getEgress()
                        .forEach(rule -> all.add(new Opening(namespace, rule.getTo(), rule.getPorts())));
            }
        }
        return all;
    }

    /// The beginnings of rules that match a peer each.
    private List<String> peers(Opening opening, Direction direction) {
        if (opening.peers().isEmpty()) {
            return List.of(ALL);
        }
        var all = new ArrayList<String>();
        for (NetworkPolicyPeer peer : opening.peers()) {
            if (peer.getIpBlock() != null) {
                block(peer.getIpBlock(), direction).ifPresent(all::add);
            } else {
                all.add("ip " + direction.peer + " @" + pods(peer, opening.namespace()) + " ");
            }
        }
        return all;
    }

    private static Optional<String> block(IPBlock own, Direction direction) {
        String address = "ip " + direction.peer;
        List<AddressBlock> holes = AddressBlock.merged(own.getExcept().stream()
                .flatMap(hole -> AddressBlock.parse(hole).stream())
                .filter(AddressBlock::isIpv4)
                .toList());
        return AddressBlock.parse(own.getCidr())
                .filter(AddressBlock::isIpv4)
                .map(all -> address + " " + all + " "
                        + (holes.isEmpty()
                                ? ""
                                : address + " != { "
                                        + String.join(
                                                ", ",
                                                holes.stream()
                                                        .map(AddressBlock::toString)
                                                        .toList())
                                        + " } "));
    }

    /// A set of their addresses, under a name that stays while the selector does.
    private String pods(NetworkPolicyPeer peer, String namespace) {
        String name = "p-" + ServiceRules.hash(key(peer, namespace));
        if (sets.add(name)) {
            rules.set(name, "type ipv4_addr");
            population
                    .select(peer.getPodSelector(), peer.getNamespaceSelector(), namespace)
                    .forEach(pod -> rules.add(name, pod.address()));
        }
        return name;
    }

    private static String key(NetworkPolicyPeer peer, String namespace) {
        return key(peer.getPodSelector())
                + "|"
                + (peer.getNamespaceSelector() == null ? "in " + namespace : key(peer.getNamespaceSelector()));
    }

    private static String key(@Nullable LabelSelector selector) {
        if (selector == null) {
            return "all";
        }
        Map<String, String> equal = selector.getMatchLabels();
        return new TreeMap<>(equal == null ? Map.of() : equal) + " " + selector.getMatchExpressions();
    }

    /// @param peer beginning of each rule
    /// @param named what names of ports mean
    private static List<String> ports(String peer, List<NetworkPolicyPort> own, List<PodFacts.NamedPort> named) {
        if (own.isEmpty()) {
            return List.of(peer + "return");
        }
        var all = new ArrayList<String>();
        for (NetworkPolicyPort port : own) {
            String protocol = protocol(port);
            IntOrString number = port.getPort();
            if (number == null) {
                all.add(peer + "meta l4proto " + protocol + " return");
            } else if (number.getIntVal() != null) {
                String last = port.getEndPort() == null ? "" : "-" + port.getEndPort();
                all.add(peer + protocol + " dport " + number.getIntVal() + last + " return");
            } else {
                named.stream()
                        .filter(each -> each.name().equals(number.getStrVal())
                                && each.protocol().equals(protocol))
                        .forEach(each -> all.add(peer + protocol + " dport " + each.number() + " return"));
            }
        }
        return all;
    }

    /// Ports by name: where packets go out, each pod that they go to may mean another number.
    private List<String> namedElsewhere(Opening opening) {
        var all = new ArrayList<String>();
        for (NetworkPolicyPort port : opening.ports()) {
            String wanted = port.getPort() == null ? null : port.getPort().getStrVal();
            if (wanted != null && port.getPort().getIntVal() == null) {
                String name = "n-"
                        + ServiceRules.hash(protocol(port) + " " + wanted + " " + opening.namespace() + " "
                                + opening.peers().stream()
                                        .map(peer -> key(peer, opening.namespace()))
                                        .toList());
                if (sets.add(name)) {
                    rules.set(name, "type ipv4_addr . inet_proto . inet_service");
                    targets(opening)
                            .forEach(pod -> pod.ports().stream()
                                    .filter(own -> own.name().equals(wanted)
                                            && own.protocol().equals(protocol(port)))
                                    .forEach(own -> rules.add(
                                            name, pod.address() + " . " + own.protocol() + " . " + own.number())));
                }
                all.add("ip daddr . meta l4proto . th dport @" + name + " return");
            }
        }
        return all;
    }

    private List<PodFacts> targets(Opening opening) {
        if (opening.peers().isEmpty()) {
            return population.pods();
        }
        return opening.peers().stream()
                .filter(peer -> peer.getIpBlock() == null)
                .flatMap(peer ->
                        population
                                .select(peer.getPodSelector(), peer.getNamespaceSelector(), opening.namespace())
                                .stream())
                .distinct()
                .toList();
    }

    private static String protocol(NetworkPolicyPort port) {
        return ServiceViews.protocol(port.getProtocol());
    }
}
