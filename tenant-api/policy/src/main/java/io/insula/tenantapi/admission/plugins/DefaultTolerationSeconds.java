package io.insula.tenantapi.admission.plugins;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.registry.AdmissionPlugin;
import io.insula.tenantapi.view.PodSpecView;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Set;

/// Lets pods stay five minutes on a node that is not ready or unreachable, unless they say otherwise.
/// Source: kubernetes/plugin/pkg/admission/defaulttolerationseconds.
@Singleton
final class DefaultTolerationSeconds implements AdmissionPlugin.Mutating {

    private static final List<String> TAINTS = List.of(WellKnownKeys.NOT_READY, WellKnownKeys.UNREACHABLE);
    private static final String NO_EXECUTE = "NoExecute";
    private static final int SECONDS = 300;

    @Override
    public PluginSpec spec() {
        return new PluginSpec("DefaultTolerationSeconds", 110, Set.of(Operation.CREATE, Operation.UPDATE));
    }

    @Override
    public void admit(Request request) {
        if (!Requests.isFor(request, "", "pods")) {
            return;
        }
        ObjectNode spec = Requests.spec(request);
        for (String taint : TAINTS) {
            if (new PodSpecView(spec)
                    .tolerations()
                    .valueStream()
                    .noneMatch(toleration -> tolerates(toleration, taint))) {
                spec.withArrayProperty("tolerations")
                        .addObject()
                        .put("key", taint)
                        .put("operator", "Exists")
                        .put("effect", NO_EXECUTE)
                        .put("tolerationSeconds", SECONDS);
            }
        }
    }

    private static boolean tolerates(JsonNode toleration, String taint) {
        String key = toleration.path("key").asText("");
        String effect = toleration.path("effect").asText("");
        return (key.isEmpty() || key.equals(taint)) && (effect.isEmpty() || effect.equals(NO_EXECUTE));
    }
}
