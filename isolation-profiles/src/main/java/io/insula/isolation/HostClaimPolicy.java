package io.insula.isolation;

import io.insula.rules.keys.InsulaKeys;
import java.util.List;
import java.util.Map;

/// The second wall around names of the outside: claims to them (`IngressHosts`) are ordered by time, so that the first
/// tenant has the name, and one credential writes those of all tenants. By the policy rendered here a claim never says
/// that it is older than it is, nor becomes another tenant's, nor gives up a name: who holds the credential cannot be
/// before somebody who has one, and takes none away. That is the control plane's, which asks the tenant. Pure.
public final class HostClaimPolicy {

    /// The name of the policy and of its binding.
    public static final String NAME = "insula-ingress-hosts";

    /// How far the clocks of the host and of the syncer may be apart.
    private static final String APART = "5m";

    private static final List<String> IDENTITY =
            List.of(InsulaKeys.TENANT, InsulaKeys.NAMESPACE, InsulaKeys.NAME, InsulaKeys.KIND);

    private HostClaimPolicy() {}

    /// The `spec` of the policy.
    ///
    /// The time of a write is the server's own: of a new object its creation, of an update the latest of the
    /// managed fields, where every write that changes something leaves its time.
    ///
    /// @param user whose claims come from tenants
    public static Map<String, Object> spec(String user) {
        var rules = List.of(
                HostRule.of(
                        "metadata.labels[" + InsulaKeys.TENANT + "]",
                        "must be the tenant of the annotation",
                        "object.metadata.?labels[?" + Cel.text(InsulaKeys.TENANT) + "].orValue(\"\") != \"\" && "
                                + "object.metadata.labels[" + Cel.text(InsulaKeys.TENANT) + "] == "
                                + "object.metadata.?annotations[?" + Cel.text(InsulaKeys.TENANT) + "].orValue(\"\")"),
                HostRule.of(
                        "metadata.annotations",
                        "a claim is one Ingress's of one tenant for good",
                        "request.operation == \"CREATE\" || " + Cel.list(IDENTITY)
                                + ".all(a, object.metadata.?annotations[?a].orValue(\"\") == "
                                + "oldObject.metadata.?annotations[?a].orValue(\"\"))"),
                HostRule.of(
                        "spec.hosts",
                        "a name that is claimed is not this one's to give away",
                        "request.operation == \"CREATE\" || dyn(oldObject).spec.hosts.all(b, "
                                + "object.spec.hosts.exists(h, h.name == b.name && h.since == b.since))"),
                HostRule.of(
                        "spec.hosts.since",
                        "may not be before the claim is made",
                        "object.spec.hosts.all(h, variables.before.exists(b, b.name == h.name && b.since == h.since) || "
                                + "(variables.times.size() > 0 && variables.times.all(t, "
                                + "timestamp(h.since) >= timestamp(t) - duration(" + Cel.text(APART) + "))))"));
        return HostPolicy.policy(
                Cel.named("user", "request.userInfo.username == " + Cel.text(user)),
                Cel.named(
                        "before",
                        "request.operation == \"UPDATE\" ? dyn(oldObject).spec.hosts : []",
                        "times",
                        "request.operation == \"CREATE\" ? [string(object.metadata.creationTimestamp)] : "
                                + "object.metadata.?managedFields.orValue([]).filter(m, has(m.time))"
                                + ".map(m, string(m.time))"),
                "",
                rules,
                Map.of(),
                List.of(HostPolicy.watched("tenancy.insula.io", "v1alpha1", List.of("ingresshosts"))));
    }
}
