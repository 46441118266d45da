package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EphemeralContainer;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SecurityContext;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Every container of a pod with the path of its field.
final class PodFields {

    /// @param path `spec.initContainers[0]`
    record Located(String path, Container container) {
        SecurityContext security() {
            var context = container.getSecurityContext();
            return context == null ? new SecurityContext() : context;
        }
    }

    private PodFields() {}

    static PodSpec spec(Pod pod) {
        var spec = pod.getSpec();
        return spec == null ? new PodSpec() : spec;
    }

    static List<Located> containers(Pod pod) {
        return containers(spec(pod));
    }

    static List<Located> containers(PodSpec spec) {
        var found = new ArrayList<Located>();
        add(found, "spec.initContainers", spec.getInitContainers());
        add(found, "spec.containers", spec.getContainers());
        add(
                found,
                "spec.ephemeralContainers",
                spec.getEphemeralContainers().stream()
                        .map(PodFields::asContainer)
                        .toList());
        return found;
    }

    static boolean isTrue(@Nullable Boolean flag) {
        return Boolean.TRUE.equals(flag);
    }

    private static void add(List<Located> found, String path, List<Container> containers) {
        for (int i = 0; i < containers.size(); i++) {
            found.add(new Located(path + "[" + i + "]", containers.get(i)));
        }
    }

    /// What the rules look at: everything except `targetContainerName`.
    private static Container asContainer(EphemeralContainer ephemeral) {
        return new ContainerBuilder()
                .withName(ephemeral.getName())
                .withImage(ephemeral.getImage())
                .withPorts(ephemeral.getPorts())
                .withSecurityContext(ephemeral.getSecurityContext())
                .withResources(ephemeral.getResources())
                .withVolumeMounts(ephemeral.getVolumeMounts())
                .withVolumeDevices(ephemeral.getVolumeDevices())
                .withEnv(ephemeral.getEnv())
                .withEnvFrom(ephemeral.getEnvFrom())
                .withLifecycle(ephemeral.getLifecycle())
                .withLivenessProbe(ephemeral.getLivenessProbe())
                .withReadinessProbe(ephemeral.getReadinessProbe())
                .withStartupProbe(ephemeral.getStartupProbe())
                .withAdditionalProperties(ephemeral.getAdditionalProperties())
                .build();
    }
}
