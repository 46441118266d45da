package io.insula.tenantapi.controllers.batch;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/// Whether enough of an indexed Job has succeeded. Pure. Source: kubernetes, `pkg/controller/job/success_policy.go`.
final class SuccessPolicy {

    private SuccessPolicy() {}

    /// The message of the first rule that is met.
    static Optional<String> met(JsonNode job, Indexes succeeded) {
        int completions = job.path("spec").path("completions").asInt();
        int index = 0;
        for (JsonNode rule : job.path("spec").path("successPolicy").path("rules")) {
            if (succeeded.size() > 0 && isMet(rule, succeeded, completions)) {
                return Optional.of("Matched rules at index " + index);
            }
            index++;
        }
        return Optional.empty();
    }

    private static boolean isMet(JsonNode rule, Indexes succeeded, int completions) {
        JsonNode count = rule.path("succeededCount");
        String listed = rule.path("succeededIndexes").asText("");
        if (listed.isEmpty()) {
            return count.isNumber() && succeeded.size() >= count.asInt();
        }
        Indexes wanted = Indexes.parse(listed, completions);
        int common = wanted.common(succeeded);
        return count.isNumber() ? common >= count.asInt() : common == wanted.size();
    }
}
