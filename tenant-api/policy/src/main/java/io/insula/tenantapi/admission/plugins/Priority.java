package io.insula.tenantapi.admission.plugins;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.registry.AdmissionPlugin;
import jakarta.inject.Singleton;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Computes a pod's priority from its class, and keeps the default class unique.
/// Source: kubernetes/plugin/pkg/admission/priority.
@Singleton
final class Priority implements AdmissionPlugin.Mutating, AdmissionPlugin.Validating {

    private static final String GROUP = "scheduling.k8s.io";
    private static final GroupVersionResource CLASSES = new GroupVersionResource(GROUP, "v1", "priorityclasses");
    private static final String PREEMPT = "PreemptLowerPriority";

    @Override
    public PluginSpec spec() {
        return new PluginSpec("Priority", 100, Set.of(Operation.CREATE, Operation.UPDATE));
    }

    @Override
    public void admit(Request request) {
        if (!Requests.isFor(request, "", "pods")) {
            return;
        }
        ObjectNode spec = Requests.spec(request);
        if (request.operation() == Operation.CREATE) {
            compute(request, spec);
        } else {
            keep(spec, request.oldObject());
        }
    }

    @Override
    public void validate(Request request) {
        if (!Requests.isFor(request, GROUP, "priorityclasses")
                || !Requests.object(request).path("globalDefault").asBoolean()) {
            return;
        }
        globalDefault(request.client())
                .filter(other -> !Meta.name(other).equals(Meta.name(Requests.object(request))))
                .ifPresent(other -> {
                    throw Requests.forbidden(
                            request,
                            "PriorityClass " + Meta.name(other)
                                    + " is already marked as default. Only one default can exist");
                });
    }

    private static void compute(Request request, ObjectNode spec) {
        Optional<ObjectNode> found =
                classOf(request, spec.path("priorityClassName").asText(""));
        found.ifPresent(priorityClass -> spec.put("priorityClassName", Meta.name(priorityClass)));
        int priority = found.map(c -> c.path("value").asInt()).orElse(0);
        String preemption =
                found.map(c -> c.path("preemptionPolicy").asText(PREEMPT)).orElse(PREEMPT);
        if (spec.hasNonNull("priority") && spec.path("priority").asInt() != priority) {
            throw Requests.forbidden(
                    request,
                    "the integer value of priority (" + spec.path("priority").asInt()
                            + ") must not be provided in pod spec; priority admission controller computed " + priority
                            + " from the given PriorityClass name");
        }
        if (spec.hasNonNull("preemptionPolicy")
                && !spec.path("preemptionPolicy").asText().equals(preemption)) {
            throw Requests.forbidden(
                    request,
                    "the string value of PreemptionPolicy ("
                            + spec.path("preemptionPolicy").asText()
                            + ") must not be provided in pod spec; priority admission controller computed "
                            + preemption + " from the given PriorityClass name");
        }
        spec.put("priority", priority).put("preemptionPolicy", preemption);
    }

    private static Optional<ObjectNode> classOf(Request request, String name) {
        if (name.isEmpty()) {
            return globalDefault(request.client().recent());
        }
        return Optional.of(request.client()
                .recent()
                .get(CLASSES, "", name)
                .or(() -> request.client().get(CLASSES, "", name))
                .orElseThrow(() -> Requests.forbidden(request, "no PriorityClass with name " + name + " was found")));
    }

    /// Of several defaults (two servers may have let them in) the lowest counts.
    private static Optional<ObjectNode> globalDefault(ObjectClient client) {
        return client.list(CLASSES, "", ObjectClient.Query.ALL).items().stream()
                .filter(c -> c.path("globalDefault").asBoolean())
                .min(Comparator.comparingInt(c -> c.path("value").asInt()));
    }

    private static void keep(ObjectNode spec, @Nullable JsonNode old) {
        for (String field : new String[] {"priority", "preemptionPolicy"}) {
            if (!spec.hasNonNull(field) && old != null && old.path("spec").hasNonNull(field)) {
                spec.set(field, old.path("spec").path(field).deepCopy());
            }
        }
    }
}
