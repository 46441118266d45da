package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Taint;
import io.insula.isolation.NodeFit;
import io.insula.isolation.TenantProfiles;
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
        return profiles.all().stream().anyMatch(profile -> NodeFit.fits(host, profile));
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
        return own(tenant, host).filter(NodeFit::keepsAway).toList();
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
