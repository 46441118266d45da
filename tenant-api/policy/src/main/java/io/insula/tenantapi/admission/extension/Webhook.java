package io.insula.tenantapi.admission.extension;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.cel.AdmissionEnvironment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// One webhook of a configuration, compiled. Immutable.
///
/// @param index in its configuration
/// @param tree as declared
record Webhook(
        String configuration,
        int index,
        String name,
        JsonNode tree,
        MatchCriteria criteria,
        MatchConditions conditions) {

    private static final long DEFAULT_TIMEOUT_SECONDS = 10;

    static List<Webhook> of(ObjectNode configuration) {
        var hooks = new ArrayList<Webhook>();
        for (JsonNode hook : configuration.path("webhooks")) {
            JsonNode conditions = hook.path("matchConditions");
            hooks.add(new Webhook(
                    Meta.name(configuration),
                    hooks.size(),
                    hook.path("name").asText(),
                    hook,
                    MatchCriteria.ofWebhook(hook),
                    MatchConditions.compile(conditions, environment(conditions))));
        }
        return List.copyOf(hooks);
    }

    private static AdmissionEnvironment environment(JsonNode conditions) {
        return conditions.isEmpty() ? Plain.ENVIRONMENT : AdmissionEnvironment.of(false, true);
    }

    /// Made when the first configuration is read; without conditions nothing is compiled in it.
    private static final class Plain {
        private static final AdmissionEnvironment ENVIRONMENT = AdmissionEnvironment.of(false, true);
    }

    boolean ignoresFailures() {
        return tree.path("failurePolicy").asText("Fail").equals("Ignore");
    }

    boolean isReinvocable() {
        return tree.path("reinvocationPolicy").asText("Never").equals("IfNeeded");
    }

    boolean takesDryRun() {
        String effects = tree.path("sideEffects").asText("");
        return effects.equals("None") || effects.equals("NoneOnDryRun");
    }

    Duration timeout() {
        return Duration.ofSeconds(tree.path("timeoutSeconds").asLong(DEFAULT_TIMEOUT_SECONDS));
    }
}
