package io.insula.tenantapi.admission.plugins;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.registry.AdmissionPlugin;
import jakarta.inject.Singleton;
import java.util.Set;

/// Taints new nodes as not ready, so that no pod is bound to one before its kubelet has spoken; the node lifecycle
/// controller lifts the taint. Source: kubernetes/plugin/pkg/admission/nodetaint.
@Singleton
final class TaintNodesByCondition implements AdmissionPlugin.Mutating {

    private static final String EFFECT = "NoSchedule";

    @Override
    public PluginSpec spec() {
        return new PluginSpec("TaintNodesByCondition", 60, Set.of(Operation.CREATE));
    }

    @Override
    public void admit(Request request) {
        if (!Requests.isFor(request, "", "nodes")) {
            return;
        }
        ArrayNode taints = Requests.spec(request).withArrayProperty("taints");
        for (JsonNode taint : taints) {
            if (taint.path("key").asText().equals(WellKnownKeys.NOT_READY)
                    && taint.path("effect").asText().equals(EFFECT)) {
                return;
            }
        }
        taints.addObject().put("key", WellKnownKeys.NOT_READY).put("effect", EFFECT);
    }
}
