package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.Toleration;
import io.insula.isolation.ProfileSettings;
import io.insula.isolation.TenantProfiles;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.TenantView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A host node and what the tenant made of the Node object that shows it: its own labels, taints and cordon hold for
/// its own pods alone. Which taints are the host's, the object's mark tells ([InsulaLabels#HOST_TAINTS]): a tenant that
/// changes it deceives nobody but itself. Immutable.
///
/// @param tenant as the tenant has it
/// @param host as it is
record TenantNode(Node tenant, Node host) {

    /// Told in the mark where the host itself is cordoned.
    private static final String CORDONED = "unschedulable";

    private static final Set<String> KEEPING_AWAY = Set.of("NoSchedule", "NoExecute");

    /// Those of the host that the tenant is shown, and has.
    static List<TenantNode> all(TenantView view) {
        return view.tenantObjects(Kinds.NODE).stream()
                .filter(Kinds::isManaged)
                .flatMap(tenant -> view.hostObject(Kinds.NODE, Kinds.name(tenant)).stream()
                        .map(host -> new TenantNode(tenant, host)))
                .toList();
    }

    /// Whether some profile of the tenant's could place a pod there.
    ///
    /// @param host of the host
    static boolean isUsable(Node host, TenantProfiles profiles) {
        return profiles.all().stream().anyMatch(profile -> isUsable(host, profile));
    }

    private static boolean isUsable(Node host, ProfileSettings profile) {
        var tolerations = Stream.concat(
                        profile.nodePool().tolerations().stream(), profile.allowedTolerations().stream())
                .toList();
        return labels(host).entrySet().containsAll(profile.nodePool().selector().entrySet())
                && taints(host)
                        .filter(TenantNode::keepsAway)
                        // a node's own troubles come and go, and keep it from nobody for good
                        .filter(taint -> !taint.getKey().startsWith(WellKnownKeys.NODE_PREFIX))
                        .allMatch(taint -> tolerations.stream().anyMatch(each -> tolerates(each, taint)));
    }

    String name() {
        return Kinds.name(host);
    }

    Map<String, String> tenantLabels() {
        return labels(tenant);
    }

    Map<String, String> hostLabels() {
        return labels(host);
    }

    boolean isCordonedByTenant() {
        return tenant.getSpec() != null
                && Boolean.TRUE.equals(tenant.getSpec().getUnschedulable())
                && !mark(tenant).contains(CORDONED)
                && !isCordoned(host);
    }

    /// The tenant's own taints that keep pods away.
    List<Taint> ownTaints() {
        return own(tenant, host).filter(TenantNode::keepsAway).toList();
    }

    /// What the tenant's Node says of taints: the host's, and the tenant's own.
    static List<Taint> merged(Node tenant, Node host) {
        return Stream.concat(taints(host), own(tenant, host)).toList();
    }

    private static Stream<Taint> own(Node tenant, Node host) {
        var hosts = new TreeSet<>(mark(tenant));
        taints(host).map(TenantNode::text).forEach(hosts::add);
        return taints(tenant).filter(taint -> !hosts.contains(text(taint)));
    }

    /// What of a host node is told in the mark.
    static String markOf(Node host) {
        var all = new ArrayList<String>();
        taints(host).map(TenantNode::text).sorted().forEach(all::add);
        if (isCordoned(host)) {
            all.add(CORDONED);
        }
        return String.join(" ", all);
    }

    private static Set<String> mark(Node tenant) {
        var annotations = tenant.getMetadata().getAnnotations();
        String mark = annotations == null ? "" : annotations.getOrDefault(InsulaLabels.HOST_TAINTS, "");
        return Stream.of(mark.split(" ", -1)).collect(Collectors.toUnmodifiableSet());
    }

    static boolean isCordoned(Node node) {
        return node.getSpec() != null && Boolean.TRUE.equals(node.getSpec().getUnschedulable());
    }

    /// Source: Kubernetes documentation, "Taints and Tolerations".
    static boolean tolerates(Toleration toleration, Taint taint) {
        var effect = Objects.requireNonNullElse(toleration.getEffect(), "");
        var key = Objects.requireNonNullElse(toleration.getKey(), "");
        if ((!effect.isEmpty() && !effect.equals(taint.getEffect()))
                || (!key.isEmpty() && !key.equals(taint.getKey()))) {
            return false;
        }
        return "Exists".equals(toleration.getOperator())
                || (!key.isEmpty()
                        && Objects.requireNonNullElse(toleration.getValue(), "")
                                .equals(Objects.requireNonNullElse(taint.getValue(), "")));
    }

    static boolean keepsAway(Taint taint) {
        return KEEPING_AWAY.contains(taint.getEffect());
    }

    /// As `kubectl taint` takes it; no part can have a blank.
    static String text(Taint taint) {
        var value = Objects.requireNonNullElse(taint.getValue(), "");
        return taint.getKey() + (value.isEmpty() ? "" : "=" + value) + ":" + taint.getEffect();
    }

    private static Stream<Taint> taints(Node node) {
        return node.getSpec() == null ? Stream.empty() : node.getSpec().getTaints().stream();
    }

    private static Map<String, String> labels(Node node) {
        return Objects.requireNonNullElse(node.getMetadata().getLabels(), Map.of());
    }
}
