package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.Pod;
import io.insula.isolation.HostWorkload.Unsupported;
import io.insula.rules.keys.InsulaKeys;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// What a pod calls itself. The host's kubelet would make the qualified name with the host's namespace, so
/// the subdomain stays in the tenant, whose DNS serves it; a pod that asks for the qualified name as its
/// hostname is given it by `hostnameOverride`, which hosts serve by default from 1.35 on and drop before: the
/// pod then has its short name, and a note says so.
///
/// Source: Kubernetes documentation, "DNS for Services and Pods", "Pod's hostname and subdomain fields", "Pod's
/// setHostnameAsFQDN field"; Kubernetes API reference, `PodSpec.hostnameOverride` (v1.34).
final class PodHostname {

    private static final int LABEL_LENGTH = 63;
    private static final int KERNEL_LENGTH = 64;

    private PodHostname() {}

    static String of(Pod tenant) {
        var wanted = Objects.requireNonNullElse(
                tenant.getSpec().getHostname(), tenant.getMetadata().getName());
        var label = wanted.toLowerCase(Locale.ROOT).replace('.', '-');
        return label.substring(0, Math.min(LABEL_LENGTH, label.length())).replaceAll("-+$", "");
    }

    /// Tells those who answer a tenant's pods below which Service's name the pod has one of its own: only a pod that
    /// names both has.
    static Map<String, String> nameOfItsOwn(Pod tenant) {
        var spec = tenant.getSpec();
        var subdomain = Objects.requireNonNullElse(spec.getSubdomain(), "");
        return Objects.requireNonNullElse(spec.getHostname(), "").isEmpty() || subdomain.isEmpty()
                ? Map.of()
                : Map.of(InsulaKeys.SUBDOMAIN, subdomain);
    }

    /// What replaces the hostname. A `hostnameOverride` of the tenant's own is the profile's matter.
    static Optional<String> override(Pod tenant) {
        var spec = tenant.getSpec();
        return Boolean.TRUE.equals(spec.getSetHostnameAsFQDN()) ? qualified(tenant) : Optional.empty();
    }

    /// A name that the kernel does not take leaves a pod without a sandbox, there as here.
    static Optional<Unsupported> refusal(Pod tenant) {
        return override(tenant)
                .filter(name -> name.length() > KERNEL_LENGTH)
                .map(name -> new Unsupported(
                        "spec.setHostnameAsFQDN",
                        "the FQDN " + name + " has " + name.length() + " characters (expected: <= " + KERNEL_LENGTH
                                + ")"));
    }

    private static Optional<String> qualified(Pod tenant) {
        var subdomain = Objects.requireNonNullElse(tenant.getSpec().getSubdomain(), "");
        return subdomain.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        of(tenant) + "." + subdomain + "." + Kinds.namespace(tenant) + ".svc." + TenantDns.DOMAIN);
    }
}
