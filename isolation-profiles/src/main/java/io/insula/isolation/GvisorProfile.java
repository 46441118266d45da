package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Pod;
import jakarta.inject.Singleton;

/// Containers on gVisor's user-space kernel. Capabilities and the like act on that kernel, so a profile may be looser
/// than baseline; what reaches around the kernel (host namespaces, host files, privileged) stays refused.
@Singleton
final class GvisorProfile implements IsolationProfile {

    /// Source: gVisor documentation, "containerd" (handler), "Applications and filesystems" (no raw block devices).
    private static final Sandbox SANDBOX = Sandbox.ofPods("gvisor")
            .withOwnKernel()
            .withRuntimeClass("gvisor", "runsc")
            .withOverhead("100m", "64Mi")
            .without("volumeDevices", "gVisor passes no raw block devices through")
            .configuredBy("dev.gvisor.");

    @Override
    public Sandbox sandbox() {
        return SANDBOX;
    }

    @Override
    public Translation translate(Pod pod, ProfileSettings settings) {
        return SandboxedPods.translate(pod, settings);
    }
}
