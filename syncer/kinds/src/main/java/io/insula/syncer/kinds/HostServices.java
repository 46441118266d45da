package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.ServiceSpecBuilder;
import io.insula.rules.keys.InsulaKeys;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A tenant's Service as it is on the host. The one translation, whoever writes it: the syncer, or the
/// tenant's API server when it reserves the addresses that the host gives.
///
/// Left out on purpose: `externalIPs` (they would take over other people's addresses), annotations (they
/// would speak to the host's own controllers). `loadBalancerIP` is the syncer's to add, which knows whose
/// addresses are whose. `loadBalancerSourceRanges` go down as they are: they can only narrow whom the load
/// balancer lets in.
public final class HostServices {

    private HostServices() {}

    /// What the host's Service stands for where the tenant's is only a name: nothing. Whatever follows such
    /// names on the host (ingress controllers, proxies) would reach what tenants may not; those who answer
    /// a tenant's pods have the tenant's from the annotation.
    static final String NOTHING = "insula.invalid";

    /// Whether the host's counterpart has addresses and endpoints. `ExternalName` is a matter of DNS only.
    public static boolean isOnHost(Service tenant) {
        return tenant.getSpec() != null && !isName(tenant);
    }

    private static boolean isName(Service tenant) {
        return "ExternalName".equals(tenant.getSpec().getType());
    }

    /// The addresses and ports that the tenant's Service has are asked for; those it lacks are the host's to
    /// choose.
    public static Service translate(Service tenant, NameMap names) {
        if (isName(tenant)) {
            return named(tenant, names);
        }
        var spec = tenant.getSpec();
        var headless = "None".equals(spec.getClusterIP());
        var builder = new ServiceSpecBuilder()
                .withType(spec.getType())
                .withClusterIP(emptyToNull(spec.getClusterIP()))
                .withIpFamilies(headless ? List.of() : spec.getIpFamilies())
                .withIpFamilyPolicy(headless ? null : spec.getIpFamilyPolicy())
                .withSelector(selector(tenant, names))
                .withPorts(spec.getPorts().stream().map(HostServices::port).toList())
                .withSessionAffinity(spec.getSessionAffinity())
                .withSessionAffinityConfig(spec.getSessionAffinityConfig())
                .withPublishNotReadyAddresses(spec.getPublishNotReadyAddresses())
                .withTrafficDistribution(spec.getTrafficDistribution())
                .withInternalTrafficPolicy(spec.getInternalTrafficPolicy());
        if ("NodePort".equals(spec.getType()) || "LoadBalancer".equals(spec.getType())) {
            builder.withExternalTrafficPolicy(spec.getExternalTrafficPolicy());
        }
        if ("LoadBalancer".equals(spec.getType())) {
            loadBalancer(builder, spec);
        }
        return new ServiceBuilder()
                .withMetadata(Kinds.withLabels(
                        names.hostMeta("Service", tenant), tenant.getMetadata().getLabels()))
                .withSpec(builder.build())
                .build();
    }

    private static Service named(Service tenant, NameMap names) {
        return new ServiceBuilder()
                .withMetadata(Kinds.withLabels(
                        names.hostMeta("Service", tenant), tenant.getMetadata().getLabels()))
                .editMetadata()
                .addToAnnotations(
                        InsulaKeys.EXTERNAL_NAME,
                        Objects.requireNonNullElse(tenant.getSpec().getExternalName(), ""))
                .endMetadata()
                .withNewSpec()
                .withType("ExternalName")
                .withExternalName(NOTHING)
                .endSpec()
                .build();
    }

    /// The same, written ahead of the tenant's Service while that is being admitted. The syncer takes it up
    /// when it sees the tenant's, and removes it when none comes.
    public static Service reservation(Service tenant, NameMap names, Instant now) {
        return new ServiceBuilder(translate(tenant, names))
                .editMetadata()
                .addToAnnotations(InsulaLabels.RESERVED, now.toString())
                .endMetadata()
                .build();
    }

    private static void loadBalancer(ServiceSpecBuilder builder, ServiceSpec spec) {
        var health = Objects.requireNonNullElse(spec.getHealthCheckNodePort(), 0);
        builder.withLoadBalancerSourceRanges(spec.getLoadBalancerSourceRanges())
                .withLoadBalancerClass(spec.getLoadBalancerClass())
                .withAllocateLoadBalancerNodePorts(spec.getAllocateLoadBalancerNodePorts())
                .withHealthCheckNodePort(health == 0 ? null : health);
    }

    /// The tenant's labels as they are on host pods, and only pods of this tenant and namespace. No selector
    /// stays none.
    private static Map<String, String> selector(Service tenant, NameMap names) {
        var own = tenant.getSpec().getSelector();
        if (own == null || own.isEmpty()) {
            return Map.of();
        }
        var selector = new LinkedHashMap<>(NameMap.hostLabels(own));
        selector.putAll(names.namespaceLabels(Kinds.namespace(tenant)));
        return selector;
    }

    private static ServicePort port(ServicePort port) {
        var nodePort = Objects.requireNonNullElse(port.getNodePort(), 0);
        return new ServicePortBuilder(port)
                .withNodePort(nodePort == 0 ? null : nodePort)
                .build();
    }

    private static @Nullable String emptyToNull(@Nullable String text) {
        return text == null || text.isEmpty() ? null : text;
    }
}
