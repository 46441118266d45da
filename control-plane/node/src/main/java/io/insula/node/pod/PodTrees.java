package io.insula.node.pod;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.tenantapi.api.Json;
import java.nio.charset.StandardCharsets;

/// Objects as trees, for rules that the API server's side has. Stateless.
public final class PodTrees {

    private PodTrees() {}

    public static JsonNode of(KubernetesResource object) {
        return Json.parse(Serialization.asJson(object).getBytes(StandardCharsets.UTF_8));
    }
}
