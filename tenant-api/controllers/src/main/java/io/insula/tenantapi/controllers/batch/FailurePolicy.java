package io.insula.tenantapi.controllers.batch;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.view.ContainerView.Kind;
import io.insula.tenantapi.view.PodView;
import java.util.List;
import java.util.Optional;

/// What `spec.podFailurePolicy` says of a failed pod. Pure.
/// Source: kubernetes, `pkg/controller/job/pod_failure_policy.go`.
final class FailurePolicy {

    private FailurePolicy() {}

    /// @param action `FailJob`, `FailIndex`, `Ignore`, `Count`, or empty where no rule matches
    /// @param message why the Job fails; empty for other actions
    record Verdict(String action, String message) {
        static final Verdict NONE = new Verdict("", "");

        boolean counts() {
            return !action.equals("Ignore");
        }

        boolean failsJob() {
            return action.equals("FailJob");
        }
    }

    static Verdict of(JsonNode job, JsonNode pod) {
        int index = 0;
        for (JsonNode rule : job.path("spec").path("podFailurePolicy").path("rules")) {
            Optional<String> match =
                    rule.hasNonNull("onExitCodes") ? exitCode(rule, pod) : condition(rule.path("onPodConditions"), pod);
            String action = rule.path("action").asText();
            boolean applies = !action.equals("FailIndex") || JobPods.hasLimitPerIndex(job);
            if (match.isPresent() && applies) {
                String message =
                        action.equals("FailJob") ? match.get() + " matching " + action + " rule at index " + index : "";
                return new Verdict(action, message);
            }
            index++;
        }
        return Verdict.NONE;
    }

    private static Optional<String> exitCode(JsonNode rule, JsonNode pod) {
        JsonNode wanted = rule.path("onExitCodes");
        String only = wanted.path("containerName").asText("");
        for (Kind kind : List.of(Kind.ORDINARY, Kind.INIT)) {
            for (JsonNode container : PodView.of(pod).statuses(kind)) {
                JsonNode ended = container.path("state").path("terminated");
                String name = container.path("name").asText();
                if (ended.isObject() && (only.isEmpty() || only.equals(name)) && matches(wanted, ended)) {
                    return Optional.of("Container " + name + " for pod " + Meta.namespace(pod) + "/" + Meta.name(pod)
                            + " failed with exit code " + ended.path("exitCode").asInt());
                }
            }
        }
        return Optional.empty();
    }

    private static boolean matches(JsonNode wanted, JsonNode ended) {
        int code = ended.path("exitCode").asInt();
        if (code == 0) {
            return false;
        }
        boolean listed = wanted.path("values").valueStream().anyMatch(value -> value.asInt() == code);
        return wanted.path("operator").asText().equals("In") == listed;
    }

    private static Optional<String> condition(JsonNode patterns, JsonNode pod) {
        for (JsonNode pattern : patterns) {
            String type = pattern.path("type").asText();
            String status = pattern.path("status").asText("True");
            if (Condition.of(pod, type).status().equals(status)) {
                return Optional.of("Pod " + Meta.namespace(pod) + "/" + Meta.name(pod) + " has condition " + type);
            }
        }
        return Optional.empty();
    }
}
