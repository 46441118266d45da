package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Pod;
import jakarta.inject.Singleton;

/// Containers on the node's own kernel. As the kernel is shared with other tenants, pods meet at least the baseline
/// level even where the profile asks for less.
@Singleton
final class RuncProfile implements IsolationProfile {

    private static final Sandbox SANDBOX = Sandbox.ofPods("runc");

    @Override
    public Sandbox sandbox() {
        return SANDBOX;
    }

    @Override
    public Translation translate(Pod pod, ProfileSettings settings) {
        return SandboxedPods.translate(pod, settings);
    }
}
