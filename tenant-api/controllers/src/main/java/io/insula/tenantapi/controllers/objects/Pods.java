package io.insula.tenantapi.controllers.objects;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.view.PodView;

/// What the host's scheduler and nodes ask about pods; see [PodView].
public final class Pods {

    private Pods() {}

    public static String phase(JsonNode pod) {
        return PodView.of(pod).phase();
    }

    public static boolean isTerminal(JsonNode pod) {
        return PodView.of(pod).isTerminal();
    }

    public static boolean isActive(JsonNode pod) {
        return PodView.of(pod).isActive();
    }

    public static boolean isReady(JsonNode pod) {
        return PodView.of(pod).isReady();
    }

    public static String nodeName(JsonNode pod) {
        return PodView.of(pod).nodeName();
    }
}
