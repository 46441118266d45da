package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Pod;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.util.Map;

/// What somebody writes who adds a profile. It is there only where a context asks for what is made up.
@Singleton
@Requires(env = "made-up")
final class ToyProfile implements IsolationProfile {

    private static final Sandbox SANDBOX = Sandbox.ofPods("toy")
            .withRuntimeClass("toy-box", "toyd")
            .withOverhead("1m", "2Mi")
            .onNodes(Map.of("insula.io/toys", "true"))
            .without("envFrom", "a toy has no environment")
            .configuredBy("io.example.toy.");

    @Override
    public Sandbox sandbox() {
        return SANDBOX;
    }

    @Override
    public Translation translate(Pod pod, ProfileSettings settings) {
        return SandboxedPods.translate(pod, settings);
    }
}
