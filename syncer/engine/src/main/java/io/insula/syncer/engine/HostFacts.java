package io.insula.syncer.engine;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.rules.network.AddressBlock;
import io.insula.syncer.engine.Api.ApiFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the host says of its own addresses: the ranges of its Services, and where its API server is. Asked when
/// the engine starts, until it is answered, and then at each drift scan; an answer that fails later changes
/// nothing. Thread-safe.
final class HostFacts {

    /// What the host has to allow for it everywhere.
    static final HostRights.Right SERVICE_RANGES =
            new HostRights.Right("networking.k8s.io/servicecidrs", Set.of("list"), Set.of());

    /// And in the namespace `default`, where its API server stands. The slices are listed: what bears that name by
    /// custom only may not be missed.
    static final List<HostRights.Right> API_SERVER = List.of(
            new HostRights.Right("/services", Set.of("get"), Set.of("kubernetes")),
            new HostRights.Right("discovery.k8s.io/endpointslices", Set.of("list"), Set.of()));

    /// Served as v1 since Kubernetes 1.33, as v1beta1 since 1.31. Source: KEP-1880.
    private static final List<String> SERVICE_CIDRS =
            List.of("/apis/networking.k8s.io/v1/servicecidrs", "/apis/networking.k8s.io/v1beta1/servicecidrs");

    private static final String API_SERVICE = "/api/v1/namespaces/default/services/kubernetes";
    private static final String API_SLICES = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"
            + "?labelSelector=kubernetes.io%2Fservice-name%3Dkubernetes";

    private static final Logger LOG = LoggerFactory.getLogger(HostFacts.class);

    private final ReadApi host;
    private final HostRanges configured;
    private volatile Optional<HostRanges> known = Optional.empty();

    HostFacts(ReadApi host, HostRanges configured) {
        this.host = host;
        this.configured = configured;
    }

    /// Empty until the host has answered once.
    Optional<HostRanges> ranges() {
        return known;
    }

    /// Asks the host. A host that has no ServiceCIDRs, or does not show them, names no range.
    void read() {
        try {
            var services = new ArrayList<AddressBlock>();
            SERVICE_CIDRS.stream()
                    .flatMap(path -> told(path).stream())
                    .limit(1)
                    .flatMap(list -> list.path("items").valueStream())
                    .flatMap(cidr -> cidr.at("/spec/cidrs").valueStream())
                    .forEach(cidr -> services.add(AddressBlock.of(cidr.asText())));
            var api = Stream.concat(
                            told(API_SERVICE).stream()
                                    .flatMap(service ->
                                            service.at("/spec/clusterIPs").valueStream()),
                            told(API_SLICES).stream()
                                    .flatMap(list -> list.path("items").valueStream())
                                    .flatMap(slice -> slice.path("endpoints").valueStream())
                                    .flatMap(endpoint ->
                                            endpoint.path("addresses").valueStream()))
                    .flatMap(address -> AddressBlock.address(address.asText()).stream())
                    .toList();
            var ranges = configured.and(new HostRanges(List.of(), services, api));
            if (!ranges.nameServices() && !known.equals(Optional.of(ranges))) {
                LOG.atWarn()
                        .log(
                                "the host names no range of its Services, and nobody else does: nothing of a tenant's leads"
                                        + " out of the host cluster");
            }
            known = Optional.of(ranges);
        } catch (ApiFailure | IllegalArgumentException e) {
            LOG.atDebug().setCause(e).log("the host does not say its addresses yet");
        }
    }

    private Optional<JsonNode> told(String path) {
        try {
            return host.get(path);
        } catch (ApiFailure e) {
            if (e.code() == 403) {
                LOG.atDebug().addKeyValue("path", path).log("the host does not show its addresses");
                return Optional.empty();
            }
            throw e;
        }
    }
}
