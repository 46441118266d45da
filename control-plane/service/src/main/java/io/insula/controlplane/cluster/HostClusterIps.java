package io.insula.controlplane.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.networking.v1.ServiceCIDR;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.insula.syncer.engine.HostWords;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.kinds.HostServices;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.service.ClusterIps;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A tenant's Services have the addresses and node ports that the host gives their counterparts. They are
/// reserved while the Service is admitted in the tenant: the counterpart is written first, marked as a
/// reservation, with the field manager and the translation of the syncer, which takes it up (or removes it)
/// afterwards. So the answer to a create has its address, and a wanted one is the host's to grant or to refuse,
/// in the host's words.
///
/// A Service that has all it asks for costs no request to the host. Thread-safe: holds no state but its
/// collaborators.
final class HostClusterIps implements ClusterIps {

    private static final Logger LOG = LoggerFactory.getLogger(HostClusterIps.class);

    private static final GroupVersionResource SERVICES = new GroupVersionResource("", "v1", "services");

    private final NameMap names;
    private final KubernetesClient host;
    private final Supplier<ObjectClient> tenant;
    private final Clock clock;
    private final KubernetesSerialization serialization = new KubernetesSerialization();

    /// @param tenant the tenant's API as its server itself
    HostClusterIps(NameMap names, KubernetesClient host, Supplier<ObjectClient> tenant, Clock clock) {
        this.names = names;
        this.host = host;
        this.tenant = tenant;
        this.clock = clock;
    }

    @Override
    public boolean givesNodePorts() {
        return true;
    }

    /// Of the host's ServiceCIDR; none on a host that is too old to have them.
    @Override
    public List<String> networks() {
        try {
            ServiceCIDR cidr =
                    host.resources(ServiceCIDR.class).withName("kubernetes").get();
            return cidr == null ? List.of() : cidr.getSpec().getCidrs();
        } catch (KubernetesClientException e) {
            LOG.atWarn().setCause(e).log("the host's ServiceCIDR cannot be read: the tenant has none");
            return List.of();
        }
    }

    @Override
    public Given allocate(JsonNode service, String requested, boolean dryRun) {
        var stored = tenant.get().get(SERVICES, Meta.namespace(service), Meta.name(service));
        if (stored.filter(current -> lacksNothing(service, current)).isPresent()) {
            return new Given(List.of(), List.of(), List.of(), 0);
        }
        Service wanted = serialization.convertValue(service, Service.class);
        try {
            if (!makeRoom(wanted, requested, stored, dryRun)) {
                return Given.address(requested);
            }
            return given(wanted, reserve(wanted, dryRun));
        } catch (KubernetesClientException e) {
            throw refused(e, wanted);
        }
    }

    @Override
    public void release(String namespace, String name, String address) {
        // The syncer deletes the counterpart, once it has proof that the Service is gone.
    }

    /// Whether all that the Service needs was given to it before.
    private static boolean lacksNothing(JsonNode service, JsonNode stored) {
        JsonNode spec = service.path("spec");
        JsonNode old = stored.path("spec");
        String address = spec.path("clusterIP").asText("");
        if (address.isEmpty() || !address.equals(old.path("clusterIP").asText(""))) {
            return false;
        }
        String type = spec.path("type").asText("");
        if (!type.equals("NodePort") && !type.equals("LoadBalancer")) {
            return true;
        }
        boolean always = type.equals("NodePort")
                || spec.path("allocateLoadBalancerNodePorts").asBoolean(true);
        boolean health = type.equals("LoadBalancer")
                && spec.path("externalTrafficPolicy").asText("").equals("Local");
        return type.equals(old.path("type").asText(""))
                && spec.path("ports").equals(old.path("ports"))
                && spec.path("healthCheckNodePort").asInt()
                        == old.path("healthCheckNodePort").asInt()
                && (!health || spec.path("healthCheckNodePort").asInt() > 0)
                && (!always
                        || spec.path("ports")
                                .valueStream()
                                .allMatch(port -> port.path("nodePort").asInt() > 0));
    }

    /// The counterpart of an earlier Service of this name may still be there, with another address than the one
    /// that is wanted now. It goes, if the earlier Service is proven gone: this server is the one that knows.
    ///
    /// @return false if it would have to go and this is only a dry run
    private boolean makeRoom(Service wanted, String requested, Optional<ObjectNode> stored, boolean dryRun) {
        var there = requested.isEmpty()
                ? null
                : host.services()
                        .inNamespace(names.tenant().hostNamespace())
                        .withName(hostName(wanted))
                        .get();
        if (there == null || requested.equals(there.getSpec().getClusterIP())) {
            return true;
        }
        var uid = annotation(there, InsulaLabels.UID);
        boolean isInUse = stored.filter(current -> Meta.uid(current).equals(uid)
                        && HostServices.isOnHost(serialization.convertValue(current, Service.class)))
                .isPresent();
        if (isInUse) {
            return true;
        }
        if (stored.isEmpty() && !annotation(there, InsulaLabels.RESERVED).isEmpty()) {
            throw ApiException.conflict(
                    SERVICES,
                    wanted.getMetadata().getName(),
                    "another request is creating it with another address; please try again");
        }
        if (dryRun) {
            return false;
        }
        host.resource(there)
                .lockResourceVersion(there.getMetadata().getResourceVersion())
                .delete();
        return true;
    }

    private Service reserve(Service wanted, boolean dryRun) {
        var now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        var context = new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager(InsulaLabels.SYNCER)
                .withForce(true)
                .withDryRun(dryRun ? List.of("All") : List.of())
                .build();
        return host.resource(HostServices.reservation(wanted, names, now)).patch(context);
    }

    private static Given given(Service wanted, Service answer) {
        var spec = answer.getSpec();
        var nodePorts = wanted.getSpec().getPorts().stream()
                .map(port -> spec.getPorts().stream()
                        .filter(other -> isSame(port, other) && other.getNodePort() != null)
                        .map(ServicePort::getNodePort)
                        .findFirst()
                        .orElse(0))
                .toList();
        return new Given(
                spec.getClusterIPs(),
                spec.getIpFamilies(),
                nodePorts,
                Objects.requireNonNullElse(spec.getHealthCheckNodePort(), 0));
    }

    private static boolean isSame(ServicePort port, ServicePort other) {
        return port.getPort().equals(other.getPort())
                && Objects.requireNonNullElse(port.getProtocol(), "TCP").equals(other.getProtocol());
    }

    /// What the host's API server says about the object, in the tenant's words; anything else is not the user's.
    private ApiException refused(KubernetesClientException e, Service wanted) {
        var status = e.getStatus();
        boolean isAboutTheService = e.getCode() == 409
                || e.getCode() == 422
                || (e.getCode() == 403 && String.valueOf(e.getMessage()).contains("exceeded quota"));
        if (status == null || !isAboutTheService) {
            return ApiException.unavailable("the shared cluster gives no address now: HTTP " + e.getCode());
        }
        var words = HostWords.about(wanted, "Service", names);
        var told = Json.object()
                .put("kind", "Status")
                .put("apiVersion", "v1")
                .put("status", "Failure")
                .put("message", words.translate(Objects.requireNonNullElse(status.getMessage(), "")))
                .put("reason", status.getReason())
                .put("code", e.getCode());
        var details = told.putObject("details").put("name", wanted.getMetadata().getName());
        if (status.getDetails() != null) {
            details.put("kind", status.getDetails().getKind());
            var causes = details.putArray("causes");
            status.getDetails()
                    .getCauses()
                    .forEach(cause -> causes.addObject()
                            .put("reason", cause.getReason())
                            .put("message", words.translate(Objects.requireNonNullElse(cause.getMessage(), "")))
                            .put("field", cause.getField()));
        }
        return ApiException.ofStatus(told);
    }

    private String hostName(Service wanted) {
        return names.hostName(
                "Service",
                wanted.getMetadata().getNamespace(),
                wanted.getMetadata().getName());
    }

    private static String annotation(Service service, String key) {
        var annotations = service.getMetadata().getAnnotations();
        return annotations == null ? "" : annotations.getOrDefault(key, "");
    }
}
