package io.insula.host.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.objects.VolumeClaims;
import java.util.List;

/// What matters of a pod to others that look for a place. Immutable.
///
/// @param priority what has less gives way
/// @param going whether it is being deleted
/// @param started when it began, else when it was made; empty where nobody said so
/// @param claims names of the claims that it uses
record PodTraits(
        String uid, String name, int priority, boolean going, String started, PodTerms terms, List<String> claims) {

    PodTraits {
        claims = List.copyOf(claims);
    }

    static PodTraits of(JsonNode pod) {
        String started = pod.path("status").path("startTime").asText("");
        return new PodTraits(
                Meta.uid(pod),
                Meta.name(pod),
                priority(pod),
                Meta.isBeingDeleted(pod),
                started.isEmpty()
                        ? pod.path("metadata").path("creationTimestamp").asText("")
                        : started,
                PodTerms.of(pod),
                VolumeClaims.of(pod));
    }

    /// Whether it has a word to say about where other pods are.
    boolean isOpinionated() {
        return !terms.areNone();
    }

    static int priority(JsonNode pod) {
        return pod.path("spec").path("priority").asInt();
    }
}
