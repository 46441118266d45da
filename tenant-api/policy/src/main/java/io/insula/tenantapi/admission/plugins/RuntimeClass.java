package io.insula.tenantapi.admission.plugins;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.resources.Amounts;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.registry.AdmissionPlugin;
import io.insula.tenantapi.view.PodSpecView;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.Set;

/// Gives a pod the overhead and the scheduling of its RuntimeClass. Source:
/// kubernetes/plugin/pkg/admission/runtimeclass.
@Singleton
final class RuntimeClass implements AdmissionPlugin.Mutating, AdmissionPlugin.Validating {

    private static final GroupVersionResource CLASSES = new GroupVersionResource("node.k8s.io", "v1", "runtimeclasses");

    @Override
    public PluginSpec spec() {
        return new PluginSpec("RuntimeClass", 200, Set.of(Operation.CREATE));
    }

    @Override
    public void admit(Request request) {
        if (!Requests.isPodCreate(request)) {
            return;
        }
        ObjectNode spec = Requests.spec(request);
        classOf(request).ifPresent(runtimeClass -> {
            setOverhead(request, spec, runtimeClass.path("overhead").path("podFixed"));
            setNodeSelector(request, spec, runtimeClass.path("scheduling").path("nodeSelector"));
            addTolerations(spec, runtimeClass.path("scheduling").path("tolerations"));
        });
    }

    @Override
    public void validate(Request request) {
        if (!Requests.isPodCreate(request)) {
            return;
        }
        JsonNode overhead = Requests.spec(request).path("overhead");
        boolean defined = classOf(request)
                .filter(runtimeClass -> runtimeClass.path("overhead").hasNonNull("podFixed"))
                .isPresent();
        if (!overhead.isEmpty() && !defined) {
            throw Requests.forbidden(
                    request, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
        }
    }

    private static Optional<ObjectNode> classOf(Request request) {
        String name = Requests.spec(request).path("runtimeClassName").asText("");
        if (name.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(request.client()
                .recent()
                .get(CLASSES, "", name)
                .or(() -> request.client().get(CLASSES, "", name))
                .orElseThrow(
                        () -> Requests.forbidden(request, "pod rejected: RuntimeClass \"" + name + "\" not found")));
    }

    private static void setOverhead(Request request, ObjectNode spec, JsonNode overhead) {
        if (overhead.isEmpty()) {
            return;
        }
        JsonNode own = spec.path("overhead");
        if (!own.isMissingNode() && !own.isNull() && !Amounts.of(own).equals(Amounts.of(overhead))) {
            throw Requests.forbidden(
                    request, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
        }
        spec.set("overhead", overhead.deepCopy());
    }

    private static void setNodeSelector(Request request, ObjectNode spec, JsonNode selector) {
        selector.properties().forEach(entry -> {
            String key = entry.getKey();
            String value = entry.getValue().asText();
            JsonNode own = spec.path("nodeSelector").path(key);
            if (!own.isMissingNode() && !own.asText().equals(value)) {
                throw Requests.forbidden(
                        request,
                        "conflict: runtimeClass.scheduling.nodeSelector[" + key + "] = " + value
                                + "; pod.spec.nodeSelector[" + key + "] = " + own.asText());
            }
            spec.withObjectProperty("nodeSelector").put(key, value);
        });
    }

    private static void addTolerations(ObjectNode spec, JsonNode tolerations) {
        for (JsonNode toleration : tolerations) {
            if (new PodSpecView(spec).tolerations().valueStream().noneMatch(toleration::equals)) {
                spec.withArrayProperty("tolerations").add(toleration.deepCopy());
            }
        }
    }
}
