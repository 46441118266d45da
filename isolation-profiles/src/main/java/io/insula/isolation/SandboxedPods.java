package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSecurityContextBuilder;
import io.insula.isolation.HostWorkload.HostPod;
import io.insula.isolation.ResourceRules.Enforced;
import io.insula.isolation.Tolerations.Narrowed;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What the profiles have in common whose result is a pod.
final class SandboxedPods {

    private SandboxedPods() {}

    static Translation translate(Pod pod, ProfileSettings settings) {
        var security = PodSecurity.of(pod, settings.hostPorts());
        var violation = HostBoundary.common(pod, security, settings)
                .or(() -> HostBoundary.node(pod, settings.hostPorts()))
                .or(() -> userNamespace(pod, settings))
                .or(() -> security.violations(settings.enforcedPodSecurity()).stream()
                        .findFirst())
                .or(() -> ResourceChecks.check(pod, settings));
        if (violation.isPresent()) {
            return Translation.refused(settings.name(), violation.get());
        }
        var resources = ResourceRules.apply(PodFields.spec(pod), settings);
        var tolerations = Tolerations.narrow(PodFields.spec(pod), settings);
        var priority = settings.priorityClasses().notes(PodFields.spec(pod));
        var notes = Stream.of(priority, resources.notes(), tolerations.notes())
                .flatMap(List::stream)
                .toList();
        return new Translation(settings.name(), new HostPod(shape(pod, settings, resources, tolerations)), notes);
    }

    /// Both hold: where they differ, the pod was refused.
    static Map<String, String> nodeSelector(Pod pod, ProfileSettings settings) {
        var merged = new LinkedHashMap<>(PodFields.spec(pod).getNodeSelector());
        merged.putAll(settings.nodePool().selector());
        return merged;
    }

    private static Pod shape(Pod pod, ProfileSettings settings, Enforced resources, Narrowed tolerations) {
        var spec = PodFields.spec(pod);
        return new PodBuilder(pod)
                .editOrNewSpec()
                .withRuntimeClassName(settings.runtimeClassName().isEmpty() ? null : settings.runtimeClassName())
                // the host's RuntimeClass says it; a tenant's RuntimeClass of the same name may say something else
                .withOverhead(Map.of())
                .withPriorityClassName(settings.priorityClassName(spec))
                // computed by the host from the class
                .withPriority(null)
                .withPreemptionPolicy(null)
                .withHostUsers(settings.userNamespaces() ? Boolean.FALSE : spec.getHostUsers())
                .withSecurityContext(securityContext(spec.getSecurityContext(), settings))
                .withNodeSelector(nodeSelector(pod, settings))
                .withTolerations(tolerations.tolerations())
                .withInitContainers(resources.initContainers())
                .withContainers(resources.containers())
                .withResources(resources.pod())
                .endSpec()
                .build();
    }

    private static @Nullable PodSecurityContext securityContext(
            @Nullable PodSecurityContext own, ProfileSettings settings) {
        if (settings.seccomp().isEmpty() || (own != null && own.getSeccompProfile() != null)) {
            return own;
        }
        var builder = own == null ? new PodSecurityContextBuilder() : new PodSecurityContextBuilder(own);
        return builder.withNewSeccompProfile()
                .withType(settings.seccomp())
                .endSeccompProfile()
                .build();
    }

    private static Optional<FieldViolation> userNamespace(Pod pod, ProfileSettings settings) {
        return settings.userNamespaces() && PodFields.isTrue(PodFields.spec(pod).getHostUsers())
                ? Optional.of(new FieldViolation(
                        "spec.hostUsers", "the isolation profile runs every pod in a user namespace of its own"))
                : Optional.empty();
    }
}
