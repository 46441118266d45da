package io.insula.node.pod;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodDNSConfig;
import io.fabric8.kubernetes.api.model.PodDNSConfigOption;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.Sysctl;
import io.insula.node.runtime.Resources;
import io.insula.node.runtime.SandboxSpec;
import io.insula.node.runtime.SandboxSpec.Dns;
import io.insula.node.runtime.SandboxSpec.Namespaces;
import io.insula.node.runtime.Security;
import io.insula.rules.keys.InsulaKeys;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// From a pod to its sandbox. Stateless.
public final class SandboxSpecs {

    private static final int LONGEST_HOSTNAME = 63;
    /// Source: uname(2).
    private static final int LONGEST_KERNEL_NAME = 64;

    private SandboxSpecs() {}

    /// @param attempt how many sandboxes the pod had before
    public static SandboxSpec of(Pod pod, int attempt, NodeFacts node) {
        var metadata = pod.getMetadata();
        Namespaces namespaces = namespaces(pod);
        var labels = new LinkedHashMap<String, String>();
        if (metadata.getLabels() != null) {
            labels.putAll(metadata.getLabels());
        }
        labels.putAll(identity(pod, node));
        return new SandboxSpec(
                new SandboxSpec.Name(metadata.getNamespace(), metadata.getName(), metadata.getUid(), attempt),
                namespaces.hostNetwork() ? "" : kernelHostname(pod, node),
                logs(pod, node),
                dns(pod, node),
                List.of(),
                labels,
                metadata.getAnnotations() == null ? Map.of() : metadata.getAnnotations(),
                cgroup(pod, node),
                namespaces,
                sysctls(pod),
                security(pod),
                Resources.NONE);
    }

    static Map<String, String> identity(Pod pod, NodeFacts node) {
        return Map.of(
                Labels.POD_NAME, pod.getMetadata().getName(),
                Labels.POD_NAMESPACE, pod.getMetadata().getNamespace(),
                Labels.POD_UID, pod.getMetadata().getUid(),
                Labels.NODE, node.name());
    }

    /// Source: the kubelet's layout, `/var/log/pods/NAMESPACE_NAME_UID`.
    public static Path logs(Pod pod, NodeFacts node) {
        var metadata = pod.getMetadata();
        return node.logs().resolve(metadata.getNamespace() + "_" + metadata.getName() + "_" + metadata.getUid());
    }

    /// Source: the kubelet's layout without systemd, Guaranteed pods above the others.
    public static String cgroup(Pod pod, NodeFacts node) {
        String qos = Resourcing.qos(pod);
        String tier = qos.equals("Guaranteed") ? "" : "/" + qos.toLowerCase(Locale.ROOT);
        return node.cgroupRoot() + tier + "/pod" + pod.getMetadata().getUid();
    }

    static String hostname(Pod pod) {
        String wanted = pod.getSpec().getHostname();
        String name = wanted == null || wanted.isEmpty() ? pod.getMetadata().getName() : wanted;
        if (name.length() <= LONGEST_HOSTNAME) {
            return name;
        }
        String cut = name.substring(0, LONGEST_HOSTNAME);
        while (cut.endsWith("-") || cut.endsWith(".")) {
            cut = cut.substring(0, cut.length() - 1);
        }
        return cut;
    }

    /// What the kernel says: the whole name where the pod wants so. Source: Kubernetes, "DNS for Services and Pods",
    /// `setHostnameAsFQDN`.
    private static String kernelHostname(Pod pod, NodeFacts node) {
        String subdomain = pod.getSpec().getSubdomain();
        boolean isWhole = Boolean.TRUE.equals(pod.getSpec().getSetHostnameAsFQDN());
        if (!isWhole || subdomain == null || subdomain.isEmpty()) {
            return hostname(pod);
        }
        String tenants = tenantNamespace(pod);
        String namespace = tenants.isEmpty() ? pod.getMetadata().getNamespace() : tenants;
        String whole = hostname(pod) + "." + subdomain + "." + namespace + ".svc." + node.clusterDomain();
        if (whole.length() > LONGEST_KERNEL_NAME) {
            throw PodFault.config("Failed to construct FQDN from Pod hostname and cluster domain, FQDN " + whole
                    + " is too long (" + LONGEST_KERNEL_NAME + " characters is the max, " + whole.length()
                    + " characters requested)");
        }
        return whole;
    }

    static Namespaces namespaces(Pod pod) {
        return new Namespaces(
                Boolean.TRUE.equals(pod.getSpec().getHostNetwork()),
                Boolean.TRUE.equals(pod.getSpec().getHostPID()),
                Boolean.TRUE.equals(pod.getSpec().getHostIPC()),
                Boolean.TRUE.equals(pod.getSpec().getShareProcessNamespace()));
    }

    /// Source: Kubernetes, "DNS for Services and Pods", policies and config.
    ///
    /// A tenant that has no DNS of its own has its pods sent to the machine's resolver, which they could not reach.
    /// They get the cluster's instead: it tells them their own tenant's names.
    static Optional<Dns> dns(Pod pod, NodeFacts node) {
        String policy = pod.getSpec().getDnsPolicy() == null
                ? "ClusterFirst"
                : pod.getSpec().getDnsPolicy();
        boolean sharesNetwork = Boolean.TRUE.equals(pod.getSpec().getHostNetwork());
        String tenants = tenantNamespace(pod);
        boolean cluster = policy.equals("ClusterFirstWithHostNet")
                || (!sharesNetwork
                        && (policy.equals("ClusterFirst") || (policy.equals("Default") && !tenants.isEmpty())));
        PodDNSConfig own = pod.getSpec().getDnsConfig();
        Dns base;
        if (policy.equals("None")) {
            base = new Dns(List.of(), List.of(), List.of());
        } else if (cluster && !node.clusterDns().isEmpty()) {
            String domain = node.clusterDomain();
            String namespace = tenants.isEmpty() ? pod.getMetadata().getNamespace() : tenants;
            base = new Dns(
                    node.clusterDns(),
                    List.of(namespace + ".svc." + domain, "svc." + domain, domain),
                    List.of("ndots:5"));
        } else if (own == null) {
            return Optional.empty();
        } else {
            base = new Dns(List.of(), List.of(), List.of());
        }
        if (own == null) {
            return Optional.of(base);
        }
        return Optional.of(new Dns(
                joined(base.servers(), own.getNameservers()),
                joined(base.searches(), own.getSearches()),
                options(base.options(), own.getOptions())));
    }

    /// Where the pod is in its tenant; empty for one of the host's own.
    static String tenantNamespace(Pod pod) {
        Map<String, String> annotations = pod.getMetadata().getAnnotations();
        return annotations == null ? "" : annotations.getOrDefault(InsulaKeys.NAMESPACE, "");
    }

    private static List<String> joined(List<String> base, List<String> own) {
        return List.copyOf(
                new LinkedHashSet<>(Stream.concat(base.stream(), own.stream()).toList()));
    }

    private static List<String> options(List<String> base, List<PodDNSConfigOption> own) {
        var options = new LinkedHashMap<String, String>();
        base.forEach(option -> options.put(option.split(":", 2)[0], option));
        own.forEach(option -> options.put(
                option.getName(),
                option.getValue() == null || option.getValue().isEmpty()
                        ? option.getName()
                        : option.getName() + ":" + option.getValue()));
        return List.copyOf(options.values());
    }

    private static Map<String, String> sysctls(Pod pod) {
        PodSecurityContext context = pod.getSpec().getSecurityContext();
        return context == null
                ? Map.of()
                : context.getSysctls().stream()
                        .collect(Collectors.toMap(sysctl -> Features.dotted(sysctl.getName()), Sysctl::getValue));
    }

    private static Security security(Pod pod) {
        PodSecurityContext context = pod.getSpec().getSecurityContext();
        boolean privileged = Stream.concat(
                        pod.getSpec().getContainers().stream(), pod.getSpec().getInitContainers().stream())
                .anyMatch(c -> c.getSecurityContext() != null
                        && Boolean.TRUE.equals(c.getSecurityContext().getPrivileged()));
        return new Security(
                privileged,
                context == null ? Optional.empty() : Optional.ofNullable(context.getRunAsUser()),
                "",
                context == null || context.getRunAsUser() == null
                        ? Optional.empty()
                        : Optional.ofNullable(context.getRunAsGroup()),
                SecuritySpecs.groups(pod),
                false,
                true,
                List.of(),
                List.of(),
                new Security.Profile.RuntimeDefault(),
                new Security.Profile.RuntimeDefault(),
                List.of(),
                List.of());
    }
}
