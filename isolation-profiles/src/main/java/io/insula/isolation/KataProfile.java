package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Pod;
import io.insula.rules.keys.InsulaKeys;
import jakarta.inject.Singleton;
import java.util.Map;

/// A lightweight virtual machine per pod. Capabilities and sysctls act on the guest's kernel, so a profile may be
/// looser than baseline; host namespaces, host files and privileged (which hands the node's devices to the guest) stay
/// refused.
///
/// Source: Kata Containers documentation, "Limitations" (host network) and "Privileged containers".
@Singleton
final class KataProfile implements IsolationProfile {

    /// Source: Kata Containers, `tools/packaging/kata-deploy` RuntimeClasses. Virtual nodes rarely have nested VMs.
    private static final Sandbox SANDBOX = Sandbox.ofPods("kata")
            .withOwnKernel()
            .withRuntimeClass("kata", "kata")
            .withOverhead("250m", "160Mi")
            .onNodes(Map.of(InsulaKeys.NODE_POOL, "bare-metal"))
            .configuredBy("io.katacontainers.");

    @Override
    public Sandbox sandbox() {
        return SANDBOX;
    }

    @Override
    public Translation translate(Pod pod, ProfileSettings settings) {
        return SandboxedPods.translate(pod, settings);
    }
}
