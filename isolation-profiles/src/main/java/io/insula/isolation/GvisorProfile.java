package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Pod;
import jakarta.inject.Singleton;

/// Containers on gVisor's user-space kernel. Capabilities and the like act on that kernel, so a profile may be looser
/// than baseline; what reaches around the kernel (host namespaces, host files, privileged) stays refused.
@Singleton
final class GvisorProfile implements IsolationProfile {

    @Override
    public Sandbox sandbox() {
        return Sandbox.GVISOR;
    }

    @Override
    public Translation translate(Pod pod, ProfileSettings settings) {
        for (var located : PodFields.containers(pod)) {
            // Source: gVisor documentation, "Applications and filesystems": no raw block devices
            if (!located.container().getVolumeDevices().isEmpty()) {
                return Translation.refused(
                        settings.name(),
                        new FieldViolation(
                                located.path() + ".volumeDevices", "gVisor passes no raw block devices through"));
            }
        }
        return SandboxedPods.translate(pod, settings, PodSecurityLevel.PRIVILEGED);
    }
}
