package io.insula.node.pod;

import io.fabric8.kubernetes.api.model.AppArmorProfile;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/// What pods may ask for that not every node can give. Pure.
public final class Features {

    private Features() {}

    /// A field that this node does not serve: left out, it would be a promise that nobody keeps.
    public static Optional<String> unserved(Pod pod) {
        var spec = pod.getSpec();
        if (Boolean.FALSE.equals(spec.getHostUsers())) {
            return Optional.of("spec.hostUsers: this node's runtimes give pods no user namespaces of their own");
        }
        if (!spec.getResourceClaims().isEmpty()) {
            return Optional.of("spec.resourceClaims: this node serves no dynamic resources");
        }
        PodSecurityContext context = spec.getSecurityContext();
        if (context != null && "Strict".equals(context.getSupplementalGroupsPolicy())) {
            return Optional.of("spec.securityContext.supplementalGroupsPolicy: Strict is not supported in this node");
        }
        for (Container container : containers(pod)) {
            String where = "container " + container.getName() + ": ";
            if (!container.getVolumeDevices().isEmpty()) {
                return Optional.of(where + "volumeDevices: this node serves no block volumes");
            }
            boolean atOne = container.getPorts().stream()
                    .anyMatch(port -> port.getHostPort() != null
                            && port.getHostIP() != null
                            && !port.getHostIP().isEmpty()
                            && !port.getHostIP().equals("0.0.0.0"));
            if (atOne && !Boolean.TRUE.equals(spec.getHostNetwork())) {
                return Optional.of(where + "ports.hostIP: this node opens host ports at all of its addresses");
            }
            if (container.getLifecycle() != null && container.getLifecycle().getStopSignal() != null) {
                return Optional.of(where + "lifecycle.stopSignal: this node's runtime stops by the image's signal");
            }
            if (container.getVolumeMounts().stream()
                    .anyMatch(mount -> "Enabled".equals(mount.getRecursiveReadOnly()))) {
                return Optional.of(where + "volumeMounts.recursiveReadOnly: not supported by this node's runtime");
            }
        }
        return Optional.empty();
    }

    /// Whether a pod names an AppArmor profile, and be it the runtime's.
    public static boolean wantsAppArmor(Pod pod) {
        PodSecurityContext all = pod.getSpec().getSecurityContext();
        return Stream.concat(
                        Stream.ofNullable(all == null ? null : all.getAppArmorProfile()),
                        containers(pod).stream()
                                .map(Container::getSecurityContext)
                                .filter(Objects::nonNull)
                                .map(own -> own.getAppArmorProfile())
                                .filter(Objects::nonNull))
                .map(AppArmorProfile::getType)
                .anyMatch(type -> !"Unconfined".equals(type));
    }

    /// A sysctl's name may be written with slashes.
    public static String dotted(String sysctl) {
        int slash = sysctl.indexOf('/');
        int dot = sysctl.indexOf('.');
        if (slash < 0 || (dot >= 0 && dot < slash)) {
            return sysctl;
        }
        var name = new StringBuilder();
        sysctl.chars().forEach(each -> name.append(each == '/' ? '.' : each == '.' ? '/' : (char) each));
        return name.toString();
    }

    private static List<Container> containers(Pod pod) {
        return Stream.concat(pod.getSpec().getInitContainers().stream(), pod.getSpec().getContainers().stream())
                .toList();
    }
}
