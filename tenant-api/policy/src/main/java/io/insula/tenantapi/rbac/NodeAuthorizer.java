package io.insula.tenantapi.rbac;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.auth.Attributes;
import io.insula.tenantapi.auth.Authorizer;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.ports.ObjectClient.Query;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Gives nodes what their pods need and no more: a node reads its own Node and its own pods, and the Secrets,
/// ConfigMaps, claims and service accounts that those pods name. Everybody else, and whatever it does not give, is the
/// next authorizer's. Stateless: pods are looked up at each question, so that a pod that came a moment ago counts.
///
/// Who is a node says [#nodeName]. What a node may *write* into what it may write is `NodeRestriction`'s.
///
/// Source: Kubernetes documentation, "Using Node Authorization", with selectors as of 1.34.
public final class NodeAuthorizer implements Authorizer {

    /// Whose members are nodes.
    public static final String GROUP = "system:nodes";

    private static final String USER_PREFIX = "system:node:";
    private static final String LEASES = "kube-node-lease";
    private static final GroupVersionResource PODS = new GroupVersionResource("", "v1", "pods");
    private static final GroupVersionResource CLAIMS = new GroupVersionResource("", "v1", "persistentvolumeclaims");
    private static final Set<String> READS = Set.of("get", "list", "watch");
    private static final List<String> READ = List.of("get", "list", "watch");
    private static final Set<String> CHANGES = Set.of("update", "patch");

    /// What no object decides about.
    private static final List<Rule> ALWAYS = List.of(
            rule("authentication.k8s.io", List.of("create"), "tokenreviews"),
            rule("authorization.k8s.io", List.of("create"), "subjectaccessreviews", "localsubjectaccessreviews"),
            rule("certificates.k8s.io", List.of("create", "get", "list", "watch"), "certificatesigningrequests"),
            rule("node.k8s.io", READ, "runtimeclasses"),
            rule("storage.k8s.io", READ, "csidrivers"),
            rule("", READ, "services"),
            rule("", List.of("get"), "endpoints"),
            rule("", List.of("create", "update", "patch"), "events"),
            rule("", List.of("create", "update", "patch"), "nodes"),
            rule("", List.of("update", "patch"), "nodes/status", "pods/status"),
            rule("", List.of("create", "delete"), "pods"),
            rule("", List.of("create"), "pods/eviction"));

    private final Supplier<ObjectClient> client;
    private final Authorizer next;

    /// @param client reads as the server itself; asked for at each use
    public NodeAuthorizer(Supplier<ObjectClient> client, Authorizer next) {
        this.client = client;
        this.next = next;
    }

    /// The node that `user` is; empty where it is none.
    public static Optional<String> nodeName(UserInfo user) {
        return user.groups().contains(GROUP) && user.name().startsWith(USER_PREFIX)
                ? Optional.of(user.name().substring(USER_PREFIX.length())).filter(name -> !name.isEmpty())
                : Optional.empty();
    }

    @Override
    public Decision authorize(Attributes wanted) {
        Optional<String> node = nodeName(wanted.user()).filter(_ -> wanted.isResourceRequest());
        if (node.isPresent() && allows(node.get(), wanted)) {
            return new Decision(true, "");
        }
        Decision other = next.authorize(wanted);
        return node.isEmpty() || other.allowed()
                ? other
                : new Decision(
                        false,
                        "no relationship found between node '" + node.get() + "' and this object"
                                + (other.reason().isEmpty() ? "" : "; " + other.reason()));
    }

    @Override
    public Rules rulesFor(UserInfo user, String namespace) {
        Rules others = next.rulesFor(user, namespace);
        return nodeName(user).isEmpty()
                ? others
                : new Rules(
                        Stream.concat(
                                        ALWAYS.stream()
                                                .map(rule -> new ResourceRule(
                                                        rule.verbs(), rule.groups(), rule.resources(), List.of())),
                                        others.resourceRules().stream())
                                .toList(),
                        others.nonResourceRules(),
                        true,
                        "node authorizer does not support user rule resolution");
    }

    @Override
    public void expectWrite(GroupVersionResource resource, String namespace, String name) {
        next.expectWrite(resource, namespace, name);
    }

    private boolean allows(String node, Attributes wanted) {
        if (ALWAYS.stream().anyMatch(rule -> rule.allows(wanted))) {
            return true;
        }
        return switch (wanted.group()) {
            case "" -> allowsCore(node, wanted);
            case "coordination.k8s.io" -> isLease(node, wanted);
            case "storage.k8s.io" -> wanted.resource().equals("csinodes") && isOwn(node, wanted);
            default -> false;
        };
    }

    private boolean allowsCore(String node, Attributes wanted) {
        boolean main = wanted.subresource().isEmpty();
        return switch (wanted.resource()) {
            case "nodes" ->
                main
                        && READS.contains(wanted.verb())
                        && (wanted.name().equals(node)
                                || wanted.selects("metadata.name").equals(Optional.of(node)));
            case "pods" -> main && readsOwnPods(node, wanted);
            case "secrets" -> main && reads(node, wanted, PodNeeds::secrets);
            case "configmaps" -> main && reads(node, wanted, PodNeeds::configMaps);
            case "persistentvolumeclaims" ->
                (main ? wanted.verb().equals("get") : isStatusChange(wanted))
                        && isNeeded(node, wanted, PodNeeds::claims);
            case "persistentvolumes" -> main && wanted.verb().equals("get") && isVolumeOfAClaim(node, wanted.name());
            case "serviceaccounts" ->
                (main
                                ? wanted.verb().equals("get")
                                : wanted.subresource().equals("token")
                                        && wanted.verb().equals("create"))
                        && isNeeded(node, wanted, PodNeeds::serviceAccounts);
            default -> false;
        };
    }

    private boolean readsOwnPods(String node, Attributes wanted) {
        if (!READS.contains(wanted.verb())) {
            return false;
        }
        return wanted.selects("spec.nodeName").equals(Optional.of(node))
                || (!wanted.name().isEmpty()
                        && client.get()
                                .recent()
                                .get(PODS, wanted.namespace(), wanted.name())
                                .filter(pod -> PodNeeds.isOn(pod, node))
                                .isPresent());
    }

    private boolean reads(String node, Attributes wanted, BiPredicate<ObjectNode, String> needs) {
        return READS.contains(wanted.verb()) && isNeeded(node, wanted, needs);
    }

    private static boolean isStatusChange(Attributes wanted) {
        return wanted.subresource().equals("status")
                && (CHANGES.contains(wanted.verb()) || wanted.verb().equals("get"));
    }

    private boolean isNeeded(String node, Attributes wanted, BiPredicate<ObjectNode, String> needs) {
        return !wanted.name().isEmpty()
                && podsOn(node, wanted.namespace()).anyMatch(pod -> needs.test(pod, wanted.name()));
    }

    private Stream<ObjectNode> podsOn(String node, String namespace) {
        return client.get().recent().list(PODS, namespace, new Query("", "spec.nodeName=" + node)).items().stream()
                .filter(pod -> PodNeeds.isOn(pod, node));
    }

    /// A volume names the claim that has it.
    private boolean isVolumeOfAClaim(String node, String volume) {
        return !volume.isEmpty()
                && podsOn(node, "")
                        .anyMatch(pod -> client
                                .get()
                                .recent()
                                .list(
                                        CLAIMS,
                                        pod.path("metadata").path("namespace").asText(),
                                        Query.ALL)
                                .items()
                                .stream()
                                .anyMatch(claim -> claim.path("spec")
                                                .path("volumeName")
                                                .asText()
                                                .equals(volume)
                                        && PodNeeds.claims(
                                                pod,
                                                claim.path("metadata")
                                                        .path("name")
                                                        .asText())));
    }

    private static boolean isLease(String node, Attributes wanted) {
        return wanted.resource().equals("leases") && wanted.namespace().equals(LEASES) && isOwn(node, wanted);
    }

    /// A create does not say the name yet; admission does.
    private static boolean isOwn(String node, Attributes wanted) {
        return switch (wanted.verb()) {
            case "get", "update", "patch", "delete" -> wanted.name().equals(node);
            case "create" -> wanted.name().isEmpty() || wanted.name().equals(node);
            default -> false;
        };
    }

    private static Rule rule(String group, List<String> verbs, String... resources) {
        return new Rule(verbs, List.of(group), List.of(resources), List.of(), List.of());
    }
}
