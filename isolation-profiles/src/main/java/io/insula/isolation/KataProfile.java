package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Pod;
import jakarta.inject.Singleton;

/// A lightweight virtual machine per pod. Capabilities and sysctls act on the guest's kernel, so a profile may be
/// looser than baseline; host namespaces, host files and privileged (which hands the node's devices to the guest) stay
/// refused.
///
/// Source: Kata Containers documentation, "Limitations" (host network) and "Privileged containers".
@Singleton
final class KataProfile implements IsolationProfile {

    @Override
    public Sandbox sandbox() {
        return Sandbox.KATA;
    }

    @Override
    public Translation translate(Pod pod, ProfileSettings settings) {
        return SandboxedPods.translate(pod, settings, PodSecurityLevel.PRIVILEGED);
    }
}
