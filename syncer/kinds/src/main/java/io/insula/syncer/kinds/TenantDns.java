package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.HostAlias;
import io.fabric8.kubernetes.api.model.HostAliasBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodDNSConfig;
import io.fabric8.kubernetes.api.model.PodDNSConfigBuilder;
import io.fabric8.kubernetes.api.model.PodDNSConfigOption;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.insula.syncer.engine.TenantView;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// How a pod resolves names. Cluster names are the tenant's: its own DNS (`kube-system/kube-dns`) answers with
/// the tenant's search domains. A tenant without one gets what a kubelet without a cluster DNS gives, the
/// node's resolver, and its API server by name. The host's cluster DNS, which knows every tenant's Services, is
/// asked by nobody.
///
/// Source: Kubernetes documentation, "DNS for Services and Pods", "Pod's DNS Config"; kubernetes
/// `pkg/kubelet/network/dns`.
final class TenantDns {

    static final String DOMAIN = "cluster.local";
    /// Source: Kubernetes documentation, "DNS for Services and Pods".
    private static final int NAMESERVERS = 3;

    private static final int SEARCHES = 32;

    private TenantDns() {}

    static PodSpecBuilder apply(PodSpecBuilder host, Pod tenant, TenantView view, String apiServer) {
        var policy = Objects.requireNonNullElse(tenant.getSpec().getDnsPolicy(), "ClusterFirst");
        if (!policy.startsWith("ClusterFirst")) {
            return host;
        }
        var dns = view.tenantObject(Kinds.SERVICE, "kube-system", "kube-dns")
                .map(TenantDns::address)
                .orElse("");
        if (dns.isEmpty()) {
            return host.withDnsPolicy("Default").withHostAliases(aliases(tenant, apiServer));
        }
        return host.withDnsPolicy("None")
                .withDnsConfig(
                        config(dns, Kinds.namespace(tenant), tenant.getSpec().getDnsConfig()));
    }

    private static String address(Service service) {
        var address = service.getSpec() == null
                ? ""
                : Objects.requireNonNullElse(service.getSpec().getClusterIP(), "");
        return address.equals("None") ? "" : address;
    }

    private static PodDNSConfig config(String dns, String namespace, @Nullable PodDNSConfig own) {
        var asked = own == null ? new PodDNSConfig() : own;
        var searches = Stream.of(namespace + ".svc." + DOMAIN, "svc." + DOMAIN, DOMAIN);
        var options = new ArrayList<PodDNSConfigOption>();
        if (asked.getOptions().stream().noneMatch(option -> "ndots".equals(option.getName()))) {
            options.add(new PodDNSConfigOption("ndots", "5"));
        }
        options.addAll(asked.getOptions());
        return new PodDNSConfigBuilder()
                .withNameservers(Stream.concat(Stream.of(dns), asked.getNameservers().stream())
                        .distinct()
                        .limit(NAMESERVERS)
                        .toList())
                .withSearches(Stream.concat(searches, asked.getSearches().stream())
                        .distinct()
                        .limit(SEARCHES)
                        .toList())
                .withOptions(options)
                .build();
    }

    private static List<HostAlias> aliases(Pod tenant, String apiServer) {
        var names = new ArrayList<String>();
        if (Kinds.namespace(tenant).equals("default")) {
            names.add("kubernetes");
        }
        names.addAll(List.of("kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc." + DOMAIN));
        var all = new ArrayList<>(tenant.getSpec().getHostAliases());
        all.add(new HostAliasBuilder().withIp(apiServer).withHostnames(names).build());
        return all;
    }
}
