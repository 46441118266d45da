package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.rules.network.AddressBlock;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.DeleteFromHost;
import io.insula.syncer.engine.Change.LookAgain;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Endpoints of Services that select no pods: the host computes those of the others itself. An endpoint is
/// passed on only where it leads out of the host cluster or to the tenant's own pods; a proxy would otherwise
/// forward a tenant's clients to whomever it names, past the policies that keep tenants apart. What is left out is
/// told by an Event on the slice and on its Service.
///
/// Source: CVE-2021-25740 (forwarding by Endpoints across namespaces).
@Singleton
final class EndpointSliceSyncer implements Syncer<EndpointSlice> {

    private static final Duration WAIT = Duration.ofSeconds(1);
    /// As on the host: so that the host's own controllers leave the slice alone.
    private static final String SYNCER = "insula-syncer.insula.io";

    private static final SyncSpec<EndpointSlice> SPEC =
            SyncSpec.tenantToHost(EndpointSlice.class, "get", "list", "watch", "create", "patch", "delete");

    @Override
    public SyncSpec<EndpointSlice> spec() {
        return SPEC;
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
    public Set<String> exactOnHost() {
        return Set.of("/endpoints", "/ports");
    }

    /// The host's addresses are its nodes' too.
    @Override
    public Optional<Object> dependsOn(HasMetadata host) {
        return HostNetwork.of(host);
    }

    @Override
    public List<Change> decide(SyncEvent<EndpointSlice> event, TenantView view) {
        return switch (event) {
            case TenantOnly<EndpointSlice>(var tenant) ->
                needsHost(tenant, view) ? apply(tenant, Optional.empty(), view) : List.of();
            case Paired<EndpointSlice>(var tenant, var host) ->
                needsHost(tenant, view)
                        ? apply(tenant, Optional.of(host), view)
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

    private static List<Change> apply(EndpointSlice tenant, Optional<HasMetadata> current, TenantView view) {
        var network = HostNetwork.of(view);
        if (network.isEmpty()) {
            return List.of(new LookAgain(WAIT, "what the host says of its addresses"));
        }
        var reachable = new Reachable(view, network.get(), isApiServers(tenant, view));
        var meta = view.names().hostMeta(Kinds.ENDPOINT_SLICE.kind(), tenant);
        meta.getLabels()
                .put(
                        WellKnownKeys.SERVICE_NAME,
                        view.names().hostName("Service", Kinds.namespace(tenant), serviceName(tenant)));
        meta.getLabels().put(WellKnownKeys.SLICE_MANAGER, SYNCER);
        var host = new EndpointSliceBuilder()
                .withMetadata(meta)
                .withAddressType(tenant.getAddressType())
                .withEndpoints(tenant.getEndpoints().stream()
                        .filter(reachable::allows)
                        .map(EndpointSliceSyncer::onHost)
                        .toList())
                .withPorts(tenant.getPorts())
                .build();
        return Refusals.apply(
                Kinds.ENDPOINT_SLICE,
                host,
                current,
                Stream.concat(Stream.of(tenant), service(tenant, view).stream()).toList(),
                "AddressRefused",
                refused(tenant, reachable),
                view);
    }

    private static List<String> refused(EndpointSlice tenant, Reachable reachable) {
        var refused = new ArrayList<String>();
        for (int i = 0; i < tenant.getEndpoints().size(); i++) {
            var addresses = tenant.getEndpoints().get(i).getAddresses();
            for (int j = 0; j < addresses.size(); j++) {
                var why = reachable.objection(addresses.get(j));
                if (why.isPresent()) {
                    refused.add("endpoints[" + i + "].addresses[" + j + "]: " + addresses.get(j) + ": " + why.get());
                }
            }
        }
        return refused;
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
        return labels == null ? "" : labels.getOrDefault(WellKnownKeys.SERVICE_NAME, "");
    }

    /// Which addresses a tenant may have clients forwarded to.
    private static final class Reachable {
        private final HostNetwork network;
        private final Set<AddressBlock> own;

        /// @param toApiServer whether the slice is the tenant's API server's
        Reachable(TenantView view, HostNetwork network, boolean toApiServer) {
            this.network = network;
            var apiServer = toApiServer ? HostNetwork.apiServer(view) : Optional.<AddressBlock>empty();
            own = Stream.concat(
                            view.hostObjects(Kinds.POD).stream().flatMap(HostNetwork::addresses), apiServer.stream())
                    .collect(Collectors.toSet());
        }

        boolean allows(Endpoint endpoint) {
            return !endpoint.getAddresses().isEmpty()
                    && endpoint.getAddresses().stream()
                            .allMatch(address -> objection(address).isEmpty());
        }

        /// Why a tenant may not lead clients there; empty where it may.
        Optional<String> objection(String address) {
            var read = AddressBlock.address(address);
            if (read.isEmpty()) {
                return Optional.of("is no IP address");
            }
            if (own.contains(read.get()) || network.isOutside(address)) {
                return Optional.empty();
            }
            return network.gap().or(() -> Optional.of("belongs to the shared cluster, and to no pod of this one"));
        }
    }
}
