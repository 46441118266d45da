package io.insula.host.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/// All that a pod says of other pods that it is to be near or far from. Immutable.
record PodTerms(List<PodTerm> near, List<PodTerm> far, List<PodTerm> ratherNear, List<PodTerm> ratherFar) {

    static final PodTerms NONE = new PodTerms(List.of(), List.of(), List.of(), List.of());

    private static final String NEAR = "podAffinity";
    private static final String FAR = "podAntiAffinity";

    PodTerms {
        near = List.copyOf(near);
        far = List.copyOf(far);
        ratherNear = List.copyOf(ratherNear);
        ratherFar = List.copyOf(ratherFar);
    }

    static PodTerms of(JsonNode pod) {
        JsonNode affinity = pod.path("spec").path("affinity");
        return affinity.has(NEAR) || affinity.has(FAR)
                ? new PodTerms(
                        PodTerm.required(pod, NEAR),
                        PodTerm.required(pod, FAR),
                        PodTerm.preferred(pod, NEAR),
                        PodTerm.preferred(pod, FAR))
                : NONE;
    }

    boolean areNone() {
        return near.isEmpty() && far.isEmpty() && ratherNear.isEmpty() && ratherFar.isEmpty();
    }

    boolean require() {
        return !near.isEmpty() || !far.isEmpty();
    }

    boolean prefer() {
        return !ratherNear.isEmpty() || !ratherFar.isEmpty();
    }
}
