package io.insula.syncer.kinds;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.DeleteFromHost;
import io.insula.syncer.engine.Change.LookAgain;
import io.insula.syncer.engine.Change.PatchTenant;
import io.insula.syncer.engine.Change.Proof;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.SyncEvent;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.SyncSpec;
import io.insula.syncer.engine.Syncer;
import io.insula.syncer.engine.TenantView;
import io.insula.syncer.engine.Trees;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// Services: the host allocates cluster IPs and node ports, and the tenant sees those, so that what a client
/// dials is what the node's proxy knows. A tenant's API server has them reserved on the host while a Service is
/// created ([HostServices#reservation]); what it could not, because the host was away, comes up here later. The
/// tenant's own `kubernetes` Service is one like any other: its address on the host leads to the tenant's API
/// server.
@Singleton
final class ServiceSyncer implements Syncer<Service> {

    private static final Duration WAIT = Duration.ofSeconds(1);

    /// Beginnings of annotations that tools leave, and that no load balancer is told anything by.
    private static final List<String> OTHERS =
            List.of("kubectl.kubernetes.io/", "meta.helm.sh/", "argocd.argoproj.io/", InsulaLabels.PREFIX);

    private static final SyncSpec<Service> SPEC = SyncSpec.tenantToHost(
                    Service.class, "get", "list", "watch", "create", "patch", "delete")
            .writing(Map.of(
                    SyncSpec.resource(Kinds.SERVICE),
                    Set.of("patch"),
                    SyncSpec.resource(Kinds.SERVICE) + "/status",
                    Set.of("patch")));

    @Override
    public SyncSpec<Service> spec() {
        return SPEC;
    }

    @Override
    public boolean needsHost(Service tenant, TenantView view) {
        return tenant.getSpec() != null;
    }

    @Override
    public Set<String> exactOnHost() {
        return Set.of("/spec/selector", "/spec/ports", "/spec/externalIPs", "/spec/loadBalancerSourceRanges");
    }

    /// The host's addresses are its nodes' too.
    @Override
    public Optional<Object> dependsOn(HasMetadata host) {
        return HostNetwork.of(host);
    }

    @Override
    public List<Change> decide(SyncEvent<Service> event, TenantView view) {
        return switch (event) {
            case TenantOnly<Service>(var tenant) ->
                needsHost(tenant, view) && !isTerminating(tenant) ? apply(tenant, Optional.empty(), view) : List.of();
            case Paired<Service>(var tenant, var host) -> paired(tenant, host, view);
            case HostOnly<Service>(var host) ->
                List.of(new DeleteFromHost(
                        Kinds.SERVICE, host, Proof.TENANT_OBJECT_GONE, "tenant object is gone", null));
        };
    }

    private List<Change> paired(Service tenant, HasMetadata host, TenantView view) {
        if (isTerminating(tenant)) {
            return List.of();
        }
        var changes = new ArrayList<Change>(apply(tenant, Optional.of(host), view));
        if (host instanceof Service service) {
            var patch = addresses(tenant.getSpec(), service.getSpec());
            if (!patch.isEmpty()) {
                changes.add(new PatchTenant(
                        Kinds.SERVICE, tenant, "", Trees.object().set("spec", patch)));
            }
            var status = Trees.of(service.getStatus()).deepCopy();
            HostTexts.translate(status, () -> HostTexts.words(tenant, Kinds.SERVICE.kind(), service, view)::translate);
            if (status.path("loadBalancer").has("ingress") && !Trees.contains(Trees.of(tenant.getStatus()), status)) {
                changes.add(new PatchTenant(
                        Kinds.SERVICE, tenant, "status", Trees.object().set("status", status)));
            }
        }
        return changes;
    }

    /// What the host gave and the tenant's lacks; empty when it lacks nothing. What it has was asked of the
    /// host.
    private static ObjectNode addresses(ServiceSpec tenant, ServiceSpec host) {
        var patch = Trees.object();
        var given = Objects.requireNonNullElse(host.getClusterIP(), "");
        if (!given.isEmpty()
                && Objects.requireNonNullElse(tenant.getClusterIP(), "").isEmpty()) {
            patch.put("clusterIP", given);
            patch.set("clusterIPs", Trees.of(host.getClusterIPs()));
        }
        var ports = (ArrayNode) Trees.of(tenant.getPorts());
        boolean differs = false;
        for (var port : host.getPorts()) {
            for (var own : ports) {
                boolean same = own.path("port").asInt() == port.getPort()
                        && own.path("protocol").asText("TCP").equals(port.getProtocol());
                if (same && port.getNodePort() != null && own.path("nodePort").asInt() == 0) {
                    ((ObjectNode) own).put("nodePort", port.getNodePort());
                    differs = true;
                }
            }
        }
        if (differs) {
            patch.set("ports", ports);
        }
        return patch;
    }

    private static List<Change> apply(Service tenant, Optional<HasMetadata> host, TenantView view) {
        var wanted = HostServices.translate(tenant, view.names());
        var refused = new ArrayList<String>();
        if (!tenant.getSpec().getExternalIPs().isEmpty()) {
            refused.add("spec.externalIPs: the shared cluster takes no addresses from its tenants");
        }
        if ("LoadBalancer".equals(tenant.getSpec().getType())) {
            annotations(tenant, wanted, refused, view);
        }
        var address = Objects.requireNonNullElse(tenant.getSpec().getLoadBalancerIP(), "");
        if (!address.isEmpty() && "LoadBalancer".equals(tenant.getSpec().getType())) {
            var network = HostNetwork.of(view);
            if (network.isEmpty()) {
                return List.of(new LookAgain(WAIT, "what the host says of its addresses"));
            }
            var objection = objection(address, network.get());
            objection.ifPresentOrElse(
                    why -> refused.add("spec.loadBalancerIP: " + address + ": " + why),
                    () -> wanted.getSpec().setLoadBalancerIP(address));
        }
        return Refusals.apply(Kinds.SERVICE, wanted, host, List.of(tenant), "AddressRefused", refused, view);
    }

    /// What load balancers are told by annotations may be anything: whose certificate, which firewall, an address.
    private static void annotations(Service tenant, Service wanted, List<String> refused, TenantView view) {
        var reach = view.profiles().network();
        Kinds.annotations(tenant).forEach((key, value) -> {
            if (reach.tells(key, value)) {
                wanted.getMetadata().getAnnotations().put(key, value);
            } else if (OTHERS.stream().noneMatch(key::startsWith)) {
                refused.add("metadata.annotations[" + key + "]: is not for the load balancers of the shared cluster");
            }
        });
    }

    /// A load balancer gives out the addresses of its pool; one that gives whatever is asked for would take over
    /// a node's, a Service's or a metadata service's. Source: CVE-2020-8554.
    private static Optional<String> objection(String address, HostNetwork network) {
        return network.isOutside(address)
                ? Optional.empty()
                : network.gap().or(() -> Optional.of("belongs to the shared cluster"));
    }

    private static boolean isTerminating(Service tenant) {
        return tenant.getMetadata().getDeletionTimestamp() != null;
    }
}
