package io.insula.isolation;

import static io.insula.isolation.SpecErrors.wrong;

import io.insula.rules.network.AddressBlock;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// How far the network of a tenant's pods reaches beyond its own pods and API server, whatever the tenant's own
/// policies say: they take away from it and never add to it. Immutable.
///
/// It is the tenant's, not the pod's: pods of one tenant reach each other, so that what one of them reaches, all do. Of
/// several profiles the strictest holds ([#strictest]).
///
/// @param isWalled whether there is a wall at all; where none is, the rest means nothing
/// @param isReachedFromOutside whether what is outside of the host cluster reaches the pods
/// @param outside what they reach outside of the host cluster, never what is inside; empty for nothing
/// @param metadata whether they reach the services by which clouds give machines their credentials
/// @param nodes whether they reach the host's nodes, and what listens there
/// @param balancers annotations of Services that the host's load balancers may be told: `key`, or `key=value`
public record NetworkReach(
        boolean isWalled,
        boolean isReachedFromOutside,
        List<AddressBlock> outside,
        boolean metadata,
        boolean nodes,
        List<String> balancers) {

    /// Annotation of a tenant's host namespace: annotations of its Services for load balancers, a line each.
    public static final String BALANCERS = "insula.io/network-balancers";

    /// Annotation of a tenant's host namespace: from where its pods are reached, `outside` or `tenant`.
    public static final String INGRESS = "insula.io/network-ingress";

    /// Annotation of a tenant's host namespace: what its pods reach, `tenant` or blocks, separated by commas.
    public static final String EGRESS = "insula.io/network-egress";

    private static final String FIELD = "network";
    private static final String OUTSIDE = "outside";
    private static final String TENANT = "tenant";
    private static final int MOST_BLOCKS = 64;
    private static final Pattern OURS = Pattern.compile("([-a-z0-9.]*\\.)?insula\\.io/");
    private static final Pattern ANNOTATION =
            Pattern.compile("[a-z0-9]([-a-z0-9.]*[a-z0-9])?/[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?(=[^\\n\\r]*)?");

    private static final List<AddressBlock> EVERYWHERE =
            Stream.of("0.0.0.0/0", "::/0").map(AddressBlock::of).toList();

    public NetworkReach {
        balancers = List.copyOf(balancers);
        outside = List.copyOf(outside);
    }

    /// @param network null where it is not said
    /// @param isWalled the profile's `defaultNetworkPolicy`
    /// @throws IllegalArgumentException naming the field
    static NetworkReach read(@Nullable Map<String, ?> network, boolean isWalled) {
        if (network == null) {
            return new NetworkReach(isWalled, true, EVERYWHERE, false, false, List.of());
        }
        if (!isWalled) {
            throw wrong(FIELD, network, "none where defaultNetworkPolicy is false, which leaves pods without a wall");
        }
        return new NetworkReach(
                true,
                choice(network, "ingress", OUTSIDE, TENANT).equals(OUTSIDE),
                outside(network),
                choice(network, "metadata", "refuse", "allow").equals("allow"),
                choice(network, "host", "refuse", "allow").equals("allow"),
                balancers(network.get("loadBalancerAnnotations")));
    }

    /// Source: Kubernetes documentation, "Annotations", "Syntax and character set".
    private static List<String> balancers(@Nullable Object given) {
        var field = FIELD + ".loadBalancerAnnotations";
        if (given == null) {
            return List.of();
        }
        if (!(given instanceof Collection<?> all) || all.size() > MOST_BLOCKS) {
            throw wrong(field, given, "at most " + MOST_BLOCKS + " annotations");
        }
        return all.stream()
                .map(each -> balancer(field, String.valueOf(each)))
                .sorted()
                .distinct()
                .toList();
    }

    private static String balancer(String field, String each) {
        if (!ANNOTATION.matcher(each).matches() || OURS.matcher(each).lookingAt()) {
            throw wrong(field, each, "prefix/name, or prefix/name=value for one value only, and none of insula.io");
        }
        return each;
    }

    private static String choice(Map<String, ?> network, String field, String standard, String other) {
        var value = network.get(field);
        if (value == null) {
            return standard;
        }
        if (!Set.of(standard, other).contains(value)) {
            throw wrong(FIELD + "." + field, value, "one of " + standard + ", " + other);
        }
        return value.toString();
    }

    private static List<AddressBlock> outside(Map<String, ?> network) {
        boolean isOutside = choice(network, "egress", OUTSIDE, TENANT).equals(OUTSIDE);
        var blocks = network.get("egressBlocks");
        var field = FIELD + ".egressBlocks";
        if (blocks == null) {
            return isOutside ? EVERYWHERE : List.of();
        }
        if (!isOutside) {
            throw wrong(field, blocks, "none where " + FIELD + ".egress is tenant");
        }
        if (!(blocks instanceof Collection<?> all) || all.isEmpty() || all.size() > MOST_BLOCKS) {
            throw wrong(field, blocks, "1 to " + MOST_BLOCKS + " blocks of addresses");
        }
        return AddressBlock.merged(all.stream().map(each -> block(field, each)).toList());
    }

    /// Blocks that other addresses are hidden in would be read in two ways.
    private static AddressBlock block(String field, Object cidr) {
        return AddressBlock.parse(String.valueOf(cidr))
                .filter(each -> each.embedded().isEmpty())
                .orElseThrow(() -> wrong(field, String.valueOf(cidr), "a block of addresses, as 203.0.113.0/24"));
    }

    /// What both let through.
    NetworkReach strictest(NetworkReach other) {
        if (!isWalled || !other.isWalled) {
            return isWalled ? this : other;
        }
        return new NetworkReach(
                true,
                isReachedFromOutside && other.isReachedFromOutside,
                outside.stream()
                        .flatMap(block -> part(block, other.outside).stream())
                        .toList(),
                metadata && other.metadata,
                nodes && other.nodes,
                Stream.concat(
                                balancers.stream().filter(other::isOpenTo),
                                other.balancers.stream().filter(this::isOpenTo))
                        .distinct()
                        .sorted()
                        .toList());
    }

    /// @param annotation `key` or `key=value`
    private boolean isOpenTo(String annotation) {
        int end = annotation.indexOf('=');
        return balancers.contains(annotation) || (end > 0 && balancers.contains(annotation.substring(0, end)));
    }

    /// Whether the host's load balancers may be told an annotation of a Service.
    public boolean tells(String key, String value) {
        return isOpenTo(key + "=" + value);
    }

    /// What of a block the pods reach, if that is outside.
    public List<AddressBlock> of(AddressBlock block) {
        return part(block, outside);
    }

    /// Whether all of a block is among what they may reach.
    public boolean hasAll(AddressBlock block) {
        return outside.stream().anyMatch(each -> each.covers(block));
    }

    private static List<AddressBlock> part(AddressBlock block, List<AddressBlock> of) {
        return AddressBlock.merged(of.stream()
                .filter(each -> each.overlaps(block))
                .map(each -> each.covers(block) ? block : each)
                .toList());
    }

    /// What a tenant's host namespace says of it, for the host's policies ([HostNetworkPolicy]).
    public Map<String, String> annotations() {
        var all = new LinkedHashMap<String, String>();
        all.put(INGRESS, isReachedFromOutside || !isWalled ? OUTSIDE : TENANT);
        all.put(EGRESS, egress());
        all.put(BALANCERS, String.join("\n", balancers));
        return all;
    }

    private String egress() {
        var blocks = isWalled ? outside : EVERYWHERE;
        return blocks.isEmpty()
                ? TENANT
                : new TreeSet<>(blocks.stream().map(AddressBlock::toString).toList())
                        .stream().collect(Collectors.joining(","));
    }
}
