package io.insula.node.network;

import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.rules.network.AddressBlock;
import io.insula.rules.network.IpAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// From Services and EndpointSlices to what packets meet. Pure. Source: kube-proxy, `pkg/proxy/serviceport.go`,
/// `endpointslicecache.go`.
final class ServiceViews {

    /// Label of Services and slices that another proxy serves.
    private static final String OTHER_PROXY = "service.kubernetes.io/service-proxy-name";

    private static final int AFFINITY_SECONDS = 10_800;

    private ServiceViews() {}

    /// @param isLocal whether an address is one of this machine's pods
    /// @param own endpoints that we give to a Service ourselves, whatever its slices say
    static List<ServicePortView> of(
            List<Service> services,
            List<EndpointSlice> slices,
            Predicate<String> isLocal,
            Function<Service, Optional<Backend>> own) {
        Map<String, List<EndpointSlice>> byService = bySlices(slices);
        return services.stream()
                .filter(ServiceViews::isServed)
                .sorted(Comparator.comparing(ServiceViews::key))
                .flatMap(service -> {
                    var ofService = byService.getOrDefault(key(service), List.of());
                    Optional<Backend> given = own.apply(service);
                    return service.getSpec().getPorts().stream().map(port -> {
                        List<Backend> backends =
                                given.map(List::of).orElseGet(() -> backends(port, ofService, isLocal));
                        return view(service, port, backends);
                    });
                })
                .toList();
    }

    static boolean isServed(Service service) {
        ServiceSpec spec = service.getSpec();
        return spec != null
                && !"ExternalName".equals(spec.getType())
                && !hasLabel(service.getMetadata().getLabels(), OTHER_PROXY)
                && !hasLabel(service.getMetadata().getLabels(), WellKnownKeys.HEADLESS)
                && !addresses(spec).isEmpty();
    }

    private static Map<String, List<EndpointSlice>> bySlices(List<EndpointSlice> slices) {
        var byService = new HashMap<String, List<EndpointSlice>>();
        for (EndpointSlice slice : slices) {
            Map<String, String> labels = slice.getMetadata().getLabels();
            if (labels != null
                    && labels.containsKey(WellKnownKeys.SERVICE_NAME)
                    && "IPv4".equals(slice.getAddressType())
                    && !hasLabel(labels, OTHER_PROXY)
                    && !hasLabel(labels, WellKnownKeys.HEADLESS)) {
                String key = slice.getMetadata().getNamespace() + "/" + labels.get(WellKnownKeys.SERVICE_NAME);
                byService.computeIfAbsent(key, _ -> new ArrayList<>()).add(slice);
            }
        }
        return byService;
    }

    private static boolean hasLabel(@Nullable Map<String, String> labels, String key) {
        return labels != null && labels.containsKey(key);
    }

    private static String key(Service service) {
        return service.getMetadata().getNamespace() + "/"
                + service.getMetadata().getName();
    }

    private static ServicePortView view(Service service, ServicePort port, List<Backend> backends) {
        ServiceSpec spec = service.getSpec();
        String protocol = protocol(port.getProtocol());
        boolean isBalanced = "LoadBalancer".equals(spec.getType());
        return new ServicePortView(
                key(service) + ":" + text(port.getName()) + ":" + protocol,
                protocol,
                port.getPort(),
                addresses(spec),
                ipv4(spec.getExternalIPs().stream()),
                isBalanced ? ipv4(ingress(service)) : List.of(),
                isBalanced ? blocks(spec.getLoadBalancerSourceRanges()) : List.of(),
                port.getNodePort() == null ? 0 : port.getNodePort(),
                affinity(spec),
                "Local".equals(spec.getInternalTrafficPolicy()),
                "Local".equals(spec.getExternalTrafficPolicy()),
                Backends.of(backends));
    }

    static List<String> addresses(ServiceSpec spec) {
        return ipv4(Stream.concat(spec.getClusterIPs().stream(), Stream.ofNullable(spec.getClusterIP())));
    }

    private static Stream<String> ingress(Service service) {
        if (service.getStatus() == null || service.getStatus().getLoadBalancer() == null) {
            return Stream.of();
        }
        return service.getStatus().getLoadBalancer().getIngress().stream()
                .filter(ingress -> !"Proxy".equals(ingress.getIpMode()))
                .map(LoadBalancerIngress::getIp);
    }

    /// What is no address, as `None` is, is left out; so nothing but addresses gets into a rule.
    private static List<String> ipv4(Stream<String> texts) {
        return texts.filter(Objects::nonNull)
                .flatMap(text -> IpAddress.parse(text).stream())
                .filter(IpAddress::isIpv4)
                .map(IpAddress::toString)
                .distinct()
                .toList();
    }

    private static List<String> blocks(List<String> texts) {
        return texts.stream()
                .flatMap(text -> AddressBlock.parse(text.strip()).stream())
                .filter(AddressBlock::isIpv4)
                .map(AddressBlock::toString)
                .distinct()
                .sorted()
                .toList();
    }

    private static int affinity(ServiceSpec spec) {
        if (!"ClientIP".equals(spec.getSessionAffinity())) {
            return 0;
        }
        var config = spec.getSessionAffinityConfig();
        return config == null
                        || config.getClientIP() == null
                        || config.getClientIP().getTimeoutSeconds() == null
                ? AFFINITY_SECONDS
                : config.getClientIP().getTimeoutSeconds();
    }

    private static List<Backend> backends(ServicePort port, List<EndpointSlice> slices, Predicate<String> isLocal) {
        var found = new LinkedHashMap<String, Backend>();
        for (EndpointSlice slice : slices) {
            for (EndpointPort own : slice.getPorts()) {
                boolean isSame = text(own.getName()).equals(text(port.getName()))
                        && protocol(own.getProtocol()).equals(protocol(port.getProtocol()))
                        && own.getPort() != null;
                if (isSame) {
                    for (Endpoint endpoint : slice.getEndpoints()) {
                        backend(endpoint, own.getPort(), isLocal)
                                .ifPresent(backend -> found.merge(backend.target(), backend, ServiceViews::better));
                    }
                }
            }
        }
        return found.values().stream()
                .sorted(Comparator.comparing(Backend::target))
                .toList();
    }

    /// An endpoint may be in two slices for a moment.
    private static Backend better(Backend one, Backend other) {
        return one.isReady() || !other.isReady() ? one : other;
    }

    /// The first address counts, as everywhere in Kubernetes.
    private static Optional<Backend> backend(Endpoint endpoint, int port, Predicate<String> isLocal) {
        var conditions = endpoint.getConditions();
        boolean isReady = conditions == null || !Boolean.FALSE.equals(conditions.getReady());
        boolean isServing = conditions == null || !Boolean.FALSE.equals(conditions.getServing());
        boolean isTerminating = conditions != null && Boolean.TRUE.equals(conditions.getTerminating());
        return ipv4(endpoint.getAddresses().stream().limit(1)).stream()
                .findFirst()
                .map(address -> new Backend(address, port, isLocal.test(address), isReady, isServing, isTerminating));
    }

    /// As nftables names it; nothing but these three.
    static String protocol(@Nullable String protocol) {
        return switch (text(protocol).toLowerCase(Locale.ROOT)) {
            case "udp" -> "udp";
            case "sctp" -> "sctp";
            default -> "tcp";
        };
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }
}
