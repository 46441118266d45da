package io.insula.node.network;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.insula.node.network.dns.ClusterNames;
import io.insula.node.network.dns.NamedService;
import io.insula.rules.keys.InsulaKeys;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.rules.network.AddressBlock;
import io.insula.rules.network.IpAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The names of each tenant's cluster, and of the host's own under the empty tenant, from what the host has of them.
/// Pure.
///
/// A tenant's objects bear their names as annotations. Of two things the host knows nothing: Services that only stand
/// for another name, and pods' subdomains; so each pod of a headless Service has its hostname as name there.
final class TenantNames {

    private TenantNames() {}

    static Map<String, ClusterNames> of(ClusterState state, Population population, String domain) {
        Map<String, OwnName> ownNames = ownNames(state.pods());
        var slices = new HashMap<String, List<EndpointSlice>>();
        for (EndpointSlice slice : state.slices()) {
            Map<String, String> labels = slice.getMetadata().getLabels();
            String service = labels == null ? null : labels.get(WellKnownKeys.SERVICE_NAME);
            if (service != null && "IPv4".equals(slice.getAddressType())) {
                slices.computeIfAbsent(slice.getMetadata().getNamespace() + "/" + service, _ -> new ArrayList<>())
                        .add(slice);
            }
        }
        var byTenant = new LinkedHashMap<String, List<NamedService>>();
        byTenant.put("", new ArrayList<>());
        population.labels().values().stream()
                .flatMap(labels -> Stream.ofNullable(labels.get(InsulaKeys.TENANT)))
                .forEach(tenant -> byTenant.computeIfAbsent(tenant, _ -> new ArrayList<>()));
        for (Service service : state.services()) {
            var meta = service.getMetadata();
            Optional<String> tenant = population.tenantOf(meta.getNamespace());
            List<EndpointSlice> own = slices.getOrDefault(meta.getNamespace() + "/" + meta.getName(), List.of());
            tenant.ifPresent(whose -> named(service, whose, own, ownNames)
                    .ifPresent(each -> byTenant.computeIfAbsent(whose, _ -> new ArrayList<>())
                            .add(each)));
        }
        List<AddressBlock> inside =
                state.nodes().stream().flatMap(WallRules::podBlocks).toList();
        var names = new HashMap<String, ClusterNames>();
        byTenant.forEach((tenant, services) -> names.put(tenant, new ClusterNames(domain, services, inside)));
        return Map.copyOf(names);
    }

    /// What a tenant's pod is called below the name of one Service; the host's slices do not say it.
    private record OwnName(String hostname, String service) {}

    private static Map<String, OwnName> ownNames(List<Pod> pods) {
        var names = new HashMap<String, OwnName>();
        for (Pod pod : pods) {
            var meta = pod.getMetadata();
            String hostname = pod.getSpec() == null ? "" : text(pod.getSpec().getHostname());
            String service =
                    meta.getAnnotations() == null ? "" : meta.getAnnotations().getOrDefault(InsulaKeys.SUBDOMAIN, "");
            if (!hostname.isEmpty() && !service.isEmpty()) {
                names.put(meta.getNamespace() + "/" + meta.getName(), new OwnName(hostname, service));
            }
        }
        return names;
    }

    private static Optional<NamedService> named(
            Service service, String tenant, List<EndpointSlice> slices, Map<String, OwnName> ownNames) {
        var meta = service.getMetadata();
        var spec = service.getSpec();
        Map<String, String> told = meta.getAnnotations() == null ? Map.of() : meta.getAnnotations();
        String namespace = tenant.isEmpty() ? meta.getNamespace() : told.getOrDefault(InsulaKeys.NAMESPACE, "");
        String name = tenant.isEmpty() ? meta.getName() : told.getOrDefault(InsulaKeys.NAME, "");
        if (spec == null || namespace.isEmpty() || name.isEmpty()) {
            return Optional.empty();
        }
        String external = !"ExternalName".equals(spec.getType())
                ? ""
                : tenant.isEmpty() ? text(spec.getExternalName()) : told.getOrDefault(InsulaKeys.EXTERNAL_NAME, "");
        if ("ExternalName".equals(spec.getType()) && external.isEmpty()) {
            return Optional.empty();
        }
        boolean isHeadless = "None".equals(spec.getClusterIP());
        List<String> addresses = ServiceViews.isServed(service) ? ServiceViews.addresses(spec) : List.of();
        List<NamedService.Port> ports = spec.getPorts().stream()
                .map(port -> new NamedService.Port(
                        text(port.getName()), ServiceViews.protocol(port.getProtocol()), port.getPort()))
                .toList();
        List<NamedService.Endpoint> endpoints = isHeadless
                ? slices.stream()
                        .flatMap(slice -> slice.getEndpoints().stream()
                                .flatMap(endpoint -> named(slice, endpoint, name, ownNames).stream()))
                        .distinct()
                        .toList()
                : List.of();
        return Optional.of(new NamedService(namespace, name, addresses, ports, endpoints, external));
    }

    private static Optional<NamedService.Endpoint> named(
            EndpointSlice slice, Endpoint endpoint, String service, Map<String, OwnName> ownNames) {
        boolean isReady = endpoint.getConditions() == null
                || !Boolean.FALSE.equals(endpoint.getConditions().getReady());
        Optional<String> address = endpoint.getAddresses().stream()
                .findFirst()
                .flatMap(IpAddress::parse)
                .filter(IpAddress::isIpv4)
                .map(IpAddress::toString);
        if (!isReady || address.isEmpty()) {
            return Optional.empty();
        }
        String hostname = text(endpoint.getHostname());
        if (hostname.isEmpty() && endpoint.getTargetRef() != null) {
            OwnName own = ownNames.get(slice.getMetadata().getNamespace() + "/"
                    + endpoint.getTargetRef().getName());
            hostname = own != null && own.service().equals(service) ? own.hostname() : "";
        }
        List<NamedService.Port> ports = slice.getPorts().stream()
                .filter(port -> port.getPort() != null)
                .map(port -> new NamedService.Port(
                        text(port.getName()), ServiceViews.protocol(port.getProtocol()), port.getPort()))
                .toList();
        String name = hostname.isEmpty() ? address.get().replace('.', '-') : hostname;
        return Optional.of(new NamedService.Endpoint(name, address.get(), ports));
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }
}
