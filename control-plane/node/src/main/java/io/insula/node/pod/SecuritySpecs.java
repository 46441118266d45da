package io.insula.node.pod;

import io.fabric8.kubernetes.api.model.AppArmorProfile;
import io.fabric8.kubernetes.api.model.Capabilities;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.SeccompProfile;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.insula.node.runtime.Images.Image;
import io.insula.node.runtime.Security;
import io.insula.node.runtime.Security.Profile;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// From the security contexts of a pod and a container to what the runtime is asked for: the container's own says it
/// first. Stateless.
///
/// Source: Kubernetes, `pkg/securitycontext` (what overrides what, masked paths).
final class SecuritySpecs {

    private static final List<String> MASKED = List.of(
            "/proc/asound",
            "/proc/acpi",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/proc/sched_debug",
            "/proc/scsi",
            "/sys/firmware",
            "/sys/devices/virtual/powercap");
    private static final List<String> READ_ONLY =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    private SecuritySpecs() {}

    /// @throws PodFault where the container must not run as root and would, or nobody can tell
    static Security of(Pod pod, Container container, Image image) {
        SecurityContext own = own(container);
        PodSecurityContext all = all(pod);
        boolean privileged = Boolean.TRUE.equals(own.getPrivileged());
        Optional<Long> user = first(own.getRunAsUser(), all.getRunAsUser())
                .or(() -> image.username().isEmpty() ? image.user() : Optional.empty());
        String username = user.isPresent() ? "" : image.username();
        if (first(own.getRunAsNonRoot(), all.getRunAsNonRoot()).orElse(false)) {
            requireOther(pod, container, user, username);
        }
        Optional<Long> group = first(own.getRunAsGroup(), all.getRunAsGroup());
        Capabilities capabilities = own.getCapabilities() == null ? new Capabilities() : own.getCapabilities();
        boolean unmasked = privileged || "Unmasked".equals(own.getProcMount());
        return new Security(
                privileged,
                user.isEmpty() && username.isEmpty() && group.isPresent() ? Optional.of(0L) : user,
                username,
                group,
                groups(pod),
                Boolean.TRUE.equals(own.getReadOnlyRootFilesystem()),
                Boolean.FALSE.equals(own.getAllowPrivilegeEscalation()) && !privileged,
                capabilities.getAdd(),
                capabilities.getDrop(),
                privileged ? new Profile.Unconfined() : seccomp(own, all),
                privileged ? new Profile.Unconfined() : appArmor(own, all),
                unmasked ? List.of() : MASKED,
                unmasked ? List.of() : READ_ONLY);
    }

    static List<Long> groups(Pod pod) {
        PodSecurityContext all = all(pod);
        var groups = new TreeSet<>(all.getSupplementalGroups());
        if (all.getFsGroup() != null) {
            groups.add(all.getFsGroup());
        }
        return List.copyOf(groups);
    }

    private static void requireOther(Pod pod, Container container, Optional<Long> user, String username) {
        String where = "(pod: \"" + pod.getMetadata().getName() + "_"
                + pod.getMetadata().getNamespace() + "(" + pod.getMetadata().getUid() + ")\", container: "
                + container.getName() + ")";
        if (user.isPresent() && user.get() == 0) {
            throw PodFault.config("container's runAsUser breaks non-root policy " + where);
        }
        if (user.isEmpty() && username.isEmpty()) {
            throw PodFault.config("container has runAsNonRoot and image will run as root " + where);
        }
        if (user.isEmpty()) {
            throw PodFault.config("container has runAsNonRoot and image has non-numeric user (" + username
                    + "), cannot verify user is non-root " + where);
        }
    }

    /// Without a word the kubelet asks for none.
    private static Profile seccomp(SecurityContext own, PodSecurityContext all) {
        SeccompProfile profile = own.getSeccompProfile() == null ? all.getSeccompProfile() : own.getSeccompProfile();
        if (profile == null) {
            return new Profile.Unconfined();
        }
        return switch (profile.getType()) {
            case "RuntimeDefault" -> new Profile.RuntimeDefault();
            case "Localhost" ->
                new Profile.Localhost(Path.of("/var/lib/kubelet/seccomp", profile.getLocalhostProfile())
                        .toString());
            default -> new Profile.Unconfined();
        };
    }

    private static Profile appArmor(SecurityContext own, PodSecurityContext all) {
        AppArmorProfile profile =
                own.getAppArmorProfile() == null ? all.getAppArmorProfile() : own.getAppArmorProfile();
        if (profile == null || profile.getType().equals("RuntimeDefault")) {
            return new Profile.RuntimeDefault();
        }
        return profile.getType().equals("Localhost")
                ? new Profile.Localhost(profile.getLocalhostProfile())
                : new Profile.Unconfined();
    }

    private static <T> Optional<T> first(@Nullable T own, @Nullable T all) {
        return own == null ? Optional.ofNullable(all) : Optional.of(own);
    }

    private static SecurityContext own(Container container) {
        return container.getSecurityContext() == null ? new SecurityContext() : container.getSecurityContext();
    }

    private static PodSecurityContext all(Pod pod) {
        return pod.getSpec().getSecurityContext() == null
                ? new PodSecurityContext()
                : pod.getSpec().getSecurityContext();
    }
}
