package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToHost;
import io.insula.syncer.engine.Change.DeleteFromHost;
import io.insula.syncer.engine.Change.Proof;
import io.insula.syncer.engine.KindRef;
import io.insula.syncer.engine.SyncEvent;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.SyncSpec;
import io.insula.syncer.engine.Syncer;
import io.insula.syncer.engine.TenantView;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Endpoints of Services that select no pods: the host computes those of the others itself. An endpoint is
/// passed on only where it leads out of the host cluster or to the tenant's own pods; a proxy would otherwise
/// forward a tenant's clients to whomever it names, past the policies that keep tenants apart.
///
/// Source: CVE-2021-25740 (forwarding by Endpoints across namespaces).
@Singleton
final class EndpointSliceSyncer implements Syncer<EndpointSlice> {

    private static final String SERVICE_NAME = "kubernetes.io/service-name";
    private static final String MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
    /// As on the host: so that the host's own controllers leave the slice alone.
    private static final String SYNCER = "insula-syncer.insula.io";

    @Override
    public SyncSpec<EndpointSlice> spec() {
        return SyncSpec.tenantToHost(EndpointSlice.class, "get", "list", "watch", "create", "patch", "delete");
    }

    @Override
    public List<KindRef<?>> looksAt() {
        return List.of(Kinds.SERVICE);
    }

    @Override
    public List<Reference> dependents(HasMetadata changed, TenantView view) {
        return view.tenantObjects(Kinds.ENDPOINT_SLICE).stream()
                .filter(slice -> Kinds.namespace(slice).equals(Kinds.namespace(changed))
                        && serviceName(slice).equals(Kinds.name(changed)))
                .map(slice -> new Reference(Kinds.ENDPOINT_SLICE.kind(), Kinds.namespace(slice), Kinds.name(slice)))
                .toList();
    }

    @Override
    public boolean needsHost(EndpointSlice tenant, TenantView view) {
        return service(tenant, view)
                .filter(service -> HostServices.isOnHost(service)
                        && (service.getSpec().getSelector() == null
                                || service.getSpec().getSelector().isEmpty()))
                .isPresent();
    }

    @Override
    public List<Change> decide(SyncEvent<EndpointSlice> event, TenantView view) {
        return switch (event) {
            case TenantOnly<EndpointSlice>(var tenant) ->
                needsHost(tenant, view) ? List.of(apply(tenant, view)) : List.of();
            case Paired<EndpointSlice>(var tenant, var host) ->
                needsHost(tenant, view)
                        ? List.of(apply(tenant, view))
                        : List.of(new DeleteFromHost(
                                Kinds.ENDPOINT_SLICE,
                                host,
                                Proof.TENANT_OBJECT_NEEDS_NONE,
                                "its Service selects pods",
                                null));
            case HostOnly<EndpointSlice>(var host) ->
                List.of(new DeleteFromHost(
                        Kinds.ENDPOINT_SLICE, host, Proof.TENANT_OBJECT_GONE, "tenant object is gone", null));
        };
    }

    private static Change apply(EndpointSlice tenant, TenantView view) {
        var reachable = new Reachable(view, isApiServers(tenant, view));
        var meta = view.names().hostMeta(Kinds.ENDPOINT_SLICE.kind(), tenant);
        meta.getLabels()
                .put(SERVICE_NAME, view.names().hostName("Service", Kinds.namespace(tenant), serviceName(tenant)));
        meta.getLabels().put(MANAGED_BY, SYNCER);
        var host = new EndpointSliceBuilder()
                .withMetadata(meta)
                .withAddressType(tenant.getAddressType())
                .withEndpoints(tenant.getEndpoints().stream()
                        .filter(reachable::allows)
                        .map(EndpointSliceSyncer::onHost)
                        .toList())
                .withPorts(tenant.getPorts())
                .build();
        return new ApplyToHost(Kinds.ENDPOINT_SLICE, host);
    }

    /// The tenant's own API server may be on a node; nothing else of that node may be reached by it.
    private static boolean isApiServers(EndpointSlice tenant, TenantView view) {
        return Kinds.namespace(tenant).equals("default")
                && serviceName(tenant).equals("kubernetes")
                && !tenant.getPorts().isEmpty()
                && tenant.getPorts().stream()
                        .allMatch(port ->
                                Objects.equals(port.getPort(), view.apiServer().getPort()));
    }

    /// Without the objects that it names: the host has them under other names.
    private static Endpoint onHost(Endpoint endpoint) {
        return new EndpointBuilder(endpoint)
                .withTargetRef(null)
                .withNodeName(null)
                .withZone(null)
                .withHints(null)
                .build();
    }

    private static Optional<Service> service(EndpointSlice slice, TenantView view) {
        return view.tenantObject(Kinds.SERVICE, Kinds.namespace(slice), serviceName(slice));
    }

    private static String serviceName(EndpointSlice slice) {
        var labels = slice.getMetadata().getLabels();
        return labels == null ? "" : labels.getOrDefault(SERVICE_NAME, "");
    }

    /// Which addresses a tenant may have clients forwarded to.
    private static final class Reachable {
        private final Set<String> own;
        private final List<String> podNetworks;
        private final Set<String> nodes;
        private final String apiServer;

        /// @param toApiServer whether the slice is the tenant's API server's
        Reachable(TenantView view, boolean toApiServer) {
            apiServer =
                    toApiServer ? Objects.requireNonNullElse(view.apiServer().getHost(), "") : "";
            own = view.hostObjects(Kinds.POD).stream()
                    .flatMap(Reachable::addresses)
                    .collect(Collectors.toSet());
            podNetworks = view.hostObjects(Kinds.NODE).stream()
                    .filter(node -> node.getSpec() != null)
                    .flatMap(node -> node.getSpec().getPodCIDRs().stream())
                    .distinct()
                    .toList();
            nodes = view.hostObjects(Kinds.NODE).stream()
                    .filter(node -> node.getStatus() != null)
                    .flatMap(node -> node.getStatus().getAddresses().stream())
                    .map(address -> address.getAddress())
                    .collect(Collectors.toSet());
        }

        boolean allows(Endpoint endpoint) {
            return !endpoint.getAddresses().isEmpty()
                    && endpoint.getAddresses().stream()
                            .allMatch(address ->
                                    own.contains(address) || address.equals(apiServer) || isOutside(address));
        }

        /// Where the host does not say which addresses are its pods', none is known to be outside.
        private boolean isOutside(String address) {
            return !podNetworks.isEmpty()
                    && !nodes.contains(address)
                    && podNetworks.stream().noneMatch(block -> AddressBlocks.contains(block, address));
        }

        private static Stream<String> addresses(Pod pod) {
            return pod.getStatus() == null
                    ? Stream.of()
                    : Stream.concat(
                                    Stream.ofNullable(pod.getStatus().getPodIP()),
                                    pod.getStatus().getPodIPs().stream().map(PodIP::getIp))
                            .filter(Objects::nonNull);
        }
    }
}
