package io.insula.syncer.kinds;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToHost;
import io.insula.syncer.engine.Change.DeleteFromHost;
import io.insula.syncer.engine.Change.PatchTenant;
import io.insula.syncer.engine.Change.Proof;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.SyncEvent;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.SyncSpec;
import io.insula.syncer.engine.Syncer;
import io.insula.syncer.engine.TenantView;
import io.insula.syncer.engine.Trees;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Services: the host allocates the cluster IP, and the tenant sees that one, so that what a client dials is what the
/// node's proxy knows. Node ports are the host's to give: the tenant's numbers stay in the tenant. ExternalName
/// services
/// are DNS only and not needed on the host; the tenant's own `kubernetes` service is its API server, which nobody on
/// the host selects.
@Singleton
final class ServiceSyncer implements Syncer<Service> {

    @Override
    public SyncSpec<Service> spec() {
        return SyncSpec.tenantToHost(Service.class, "get", "list", "watch", "create", "patch", "delete");
    }

    @Override
    public List<Change> decide(SyncEvent<Service> event, TenantView view) {
        return switch (event) {
            case TenantOnly<Service>(var tenant) ->
                isSynced(tenant) ? List.of(new ApplyToHost(Kinds.SERVICE, host(tenant, view))) : List.of();
            case Paired<Service>(var tenant, var host) -> paired(tenant, host, view);
            case HostOnly<Service>(var host) ->
                List.of(new DeleteFromHost(
                        Kinds.SERVICE, host, Proof.TENANT_OBJECT_GONE, "tenant object is gone", null));
        };
    }

    private static List<Change> paired(Service tenant, HasMetadata host, TenantView view) {
        if (!isSynced(tenant)) {
            return List.of();
        }
        var changes = new ArrayList<Change>();
        changes.add(new ApplyToHost(Kinds.SERVICE, host(tenant, view)));
        if (host instanceof Service service) {
            var patch = addresses(tenant.getSpec(), service.getSpec());
            if (!patch.isEmpty()) {
                changes.add(new PatchTenant(
                        Kinds.SERVICE, tenant, "", Trees.object().set("spec", patch)));
            }
            var status = Trees.of(service.getStatus());
            if (!Trees.contains(Trees.of(tenant.getStatus()), status.path("loadBalancer"))
                    && status.path("loadBalancer").has("ingress")
                    && !Trees.contains(Trees.of(tenant.getStatus()), status)) {
                changes.add(new PatchTenant(
                        Kinds.SERVICE, tenant, "status", Trees.object().set("status", status)));
            }
        }
        return changes;
    }

    /// The host's cluster IPs where the tenant's differ; empty when they agree.
    private static ObjectNode addresses(ServiceSpec tenant, ServiceSpec host) {
        var patch = Trees.object();
        var given = Objects.requireNonNullElse(host.getClusterIP(), "");
        if (!given.isEmpty() && !given.equals(tenant.getClusterIP())) {
            patch.put("clusterIP", given);
            patch.set("clusterIPs", Trees.of(host.getClusterIPs()));
        }
        return patch;
    }

    private static Service host(Service tenant, TenantView view) {
        var spec = tenant.getSpec();
        var builder = new ServiceBuilder()
                .withMetadata(Kinds.withLabels(
                        view.names().hostMeta("Service", tenant),
                        tenant.getMetadata().getLabels()))
                .withNewSpec()
                .withType(spec.getType())
                .withSelector(selector(tenant, view))
                .withPorts(spec.getPorts().stream().map(ServiceSyncer::port).toList())
                .withSessionAffinity(spec.getSessionAffinity())
                .withPublishNotReadyAddresses(spec.getPublishNotReadyAddresses())
                .withInternalTrafficPolicy(spec.getInternalTrafficPolicy());
        if ("None".equals(spec.getClusterIP())) {
            builder.withClusterIP("None");
        }
        if ("LoadBalancer".equals(spec.getType())) {
            builder.withLoadBalancerSourceRanges(spec.getLoadBalancerSourceRanges());
        }
        return builder.endSpec().build();
    }

    /// The tenant's labels as they are on host pods, and only pods of this tenant and namespace. No selector stays
    /// none.
    private static Map<String, String> selector(Service tenant, TenantView view) {
        var own = tenant.getSpec().getSelector();
        if (own == null || own.isEmpty()) {
            return Map.of();
        }
        var selector = new LinkedHashMap<>(NameMap.hostLabels(own));
        selector.putAll(view.names().namespaceLabels(Kinds.namespace(tenant)));
        return selector;
    }

    private static ServicePort port(ServicePort port) {
        return new ServicePortBuilder(port).withNodePort(null).build();
    }

    private static boolean isSynced(Service tenant) {
        boolean isApiServer =
                Kinds.namespace(tenant).equals("default") && Kinds.name(tenant).equals("kubernetes");
        return tenant.getSpec() != null
                && !"ExternalName".equals(tenant.getSpec().getType())
                && !isApiServer
                && tenant.getMetadata().getDeletionTimestamp() == null;
    }
}
