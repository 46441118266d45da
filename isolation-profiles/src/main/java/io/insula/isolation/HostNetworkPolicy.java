package io.insula.isolation;

import io.insula.rules.keys.InsulaKeys;
import io.insula.rules.network.AddressBlock;
import io.insula.rules.network.ReservedBlocks;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The second wall around tenants' networks. Network policies add up, so one too many opens what all others close;
/// and the syncer's one credential writes those of all tenants. By the policy rendered here it writes none that
/// leads beyond what the tenant's profiles let ([NetworkReach]), nor to a cloud's metadata, nor one that passes for
/// somebody else's, and touches none of the control plane's. Pure.
///
/// Where the host's nodes are it does not know: who holds the credential can open those, one address and one port at a
/// time where the profiles let nothing outside be reached.
public final class HostNetworkPolicy {

    /// The name of the policy and of its binding.
    public static final String NAME = "insula-tenant-networks";

    /// A pod's own loopback, where an API server of this machine may be said to be.
    private static final List<AddressBlock> LOOPBACK =
            List.of(AddressBlock.of("127.0.0.0/8"), AddressBlock.of("::1/128"));

    private static final String OPERATIONS = "operations";

    private HostNetworkPolicy() {}

    /// The `spec` of the policy.
    ///
    /// @param user whose policies come from tenants
    public static Map<String, Object> spec(String user) {
        var own = "metadata.?labels[?" + Cel.text(InsulaKeys.MANAGED_BY) + "].orValue(\"\") == "
                + Cel.text(InsulaKeys.SYNCER);
        var gone = "request.operation == \"DELETE\" || ";
        var rules = List.of(
                HostRule.of(
                        "metadata.labels[" + InsulaKeys.MANAGED_BY + "]",
                        "is another's policy, or would pass for one",
                        "(request.operation == \"CREATE\" || oldObject." + own + ") && (" + gone + "object." + own
                                + ")"),
                HostRule.of(
                        "spec.ingress.from",
                        "must name pods of this namespace, or blocks",
                        gone + "variables.ingress.all(r, " + peers("r.?from") + ")"),
                HostRule.of(
                        "spec.egress.to",
                        "must name pods of this namespace, or blocks",
                        gone + "variables.egress.all(r, " + peers("r.?to") + ")"),
                HostRule.of(
                        "spec.ingress.from.ipBlock",
                        "is outside, from where the tenant's isolation profiles let nothing in",
                        gone + annotation(NetworkReach.INGRESS) + " != \"tenant\" || "
                                + "variables.ingress.all(r, r.?from.orValue([]).all(p, !has(p.ipBlock)))"),
                HostRule.of(
                        "spec.egress.to.ipBlock",
                        "is beyond what the tenant's isolation profiles let pods reach",
                        gone + "variables.egress.all(r, variables.reach == [\"\"] || " + one("r")
                                + " || r.?to.orValue([]).all(p, !has(p.ipBlock) || variables.reach.exists(b, "
                                + "b != \"tenant\" && cidr(b).containsCIDR(string(p.ipBlock.cidr)))))"),
                HostRule.of(
                        "spec.egress.to.ipBlock",
                        "has addresses of a cloud's metadata, of the link, or of nobody",
                        gone + "variables.egress.all(r, " + names("r") + " || r.?to.orValue([]).all(p, !has(p.ipBlock)"
                                + " || variables.reserved.all(c, (!cidr(p.ipBlock.cidr).containsCIDR(c) && "
                                + "!cidr(c).containsCIDR(string(p.ipBlock.cidr))) || p.ipBlock.?except.orValue([])"
                                + ".exists(e, cidr(e).containsCIDR(c)))))"));
        return HostPolicy.policy(
                Cel.named("user", "request.userInfo.username == " + Cel.text(user)),
                Cel.named(
                        "ingress",
                        "object.spec.?ingress.orValue([])",
                        "egress",
                        "object.spec.?egress.orValue([])",
                        "reach",
                        annotation(NetworkReach.EGRESS) + ".split(\",\")",
                        "reserved",
                        Cel.list(ReservedBlocks.ALL.stream()
                                .filter(each -> !LOOPBACK.contains(each))
                                .map(AddressBlock::toString)
                                .toList())),
                "",
                rules,
                Map.of("matchExpressions", List.of(Map.of("key", HostPolicy.TENANT, "operator", "Exists"))),
                List.of(watched()));
    }

    private static String annotation(String key) {
        return "namespaceObject.metadata.?annotations[?" + Cel.text(key) + "].orValue(\"\")";
    }

    /// A rule without peers means everybody, and a namespace is another tenant's.
    private static String peers(String field) {
        return field + ".orValue([]).size() > 0 && " + field
                + ".orValue([]).all(p, has(p.ipBlock) || (has(p.podSelector) && !has(p.namespaceSelector)))";
    }

    /// What leads to a tenant's API server: one address, at one port.
    private static String one(String rule) {
        return "(" + rule + ".?ports.orValue([]).size() == 1 && has(" + rule + ".ports[0].port) && !has(" + rule
                + ".ports[0].endPort) && " + rule + ".?to.orValue([]).size() == 1 && has(" + rule
                + ".to[0].ipBlock) && cidr(" + rule + ".to[0].ipBlock.cidr).prefixLength() == (cidr(" + rule
                + ".to[0].ipBlock.cidr).ip().family() == 4 ? 32 : 128))";
    }

    /// Resolvers of nodes may be on their link.
    private static String names(String rule) {
        return "(" + rule + ".?ports.orValue([]).size() > 0 && " + rule
                + ".ports.all(o, o.?port.orValue(0) == 53 && !has(o.endPort)))";
    }

    private static Map<String, Object> watched() {
        var watched = new LinkedHashMap<>(HostPolicy.watched("networking.k8s.io", "v1", List.of("networkpolicies")));
        watched.put(OPERATIONS, List.of("CREATE", "UPDATE", "DELETE"));
        return watched;
    }
}
