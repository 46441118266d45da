package io.insula.tenantapi.controllers.objects;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.Meta;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// What controllers ask about pods. Source: kubernetes, `pkg/api/v1/pod/util.go` and `pkg/controller`.
public final class Pods {

    private Pods() {}

    public static String phase(JsonNode pod) {
        return pod.path("status").path("phase").asText("");
    }

    public static boolean isTerminal(JsonNode pod) {
        String phase = phase(pod);
        return phase.equals("Succeeded") || phase.equals("Failed");
    }

    /// Neither finished nor on its way out.
    public static boolean isActive(JsonNode pod) {
        return !isTerminal(pod) && !Meta.isBeingDeleted(pod);
    }

    public static boolean isReady(JsonNode pod) {
        return Conditions.isTrue(pod, "Ready");
    }

    /// Ready for at least `minReadySeconds`.
    public static boolean isAvailable(JsonNode pod, int minReadySeconds, Instant now) {
        return isReady(pod) && availableIn(pod, minReadySeconds, now).isZero();
    }

    /// How long a ready pod needs until it counts as available; zero if it does.
    public static Duration availableIn(JsonNode pod, int minReadySeconds, Instant now) {
        if (minReadySeconds == 0) {
            return Duration.ZERO;
        }
        Instant due = readySince(pod).orElse(now).plusSeconds(minReadySeconds);
        return due.isAfter(now) ? Duration.between(now, due) : Duration.ZERO;
    }

    public static Optional<Instant> readySince(JsonNode pod) {
        return Conditions.find(pod, "Ready")
                .filter(c -> c.path("status").asText().equals("True"))
                .flatMap(c -> Conditions.time(c.path("lastTransitionTime")));
    }

    public static String nodeName(JsonNode pod) {
        return pod.path("spec").path("nodeName").asText("");
    }

    /// The highest restart count of any container.
    public static int maxRestarts(JsonNode pod) {
        int most = 0;
        for (JsonNode container : pod.path("status").path("containerStatuses")) {
            most = Math.max(most, container.path("restartCount").asInt());
        }
        return most;
    }
}
