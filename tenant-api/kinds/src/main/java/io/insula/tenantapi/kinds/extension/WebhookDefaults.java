package io.insula.tenantapi.kinds.extension;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.cel.AdmissionEnvironment;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.Fields;
import java.util.HashSet;
import java.util.List;

/// Both webhook configurations. Source: kubernetes `pkg/apis/admissionregistration`.
final class WebhookDefaults {

    private WebhookDefaults() {}

    static void apply(ObjectNode configuration, boolean mutating) {
        Fields.each(configuration, "webhooks", hook -> {
            Fields.defaultText(hook, "failurePolicy", "Fail");
            Fields.defaultText(hook, "matchPolicy", "Equivalent");
            Fields.object(hook, "namespaceSelector");
            Fields.object(hook, "objectSelector");
            Fields.defaultTo(hook, "timeoutSeconds", 10);
            if (mutating) {
                Fields.defaultText(hook, "reinvocationPolicy", "Never");
            }
            Fields.each(hook, "rules", rule -> Fields.defaultText(rule, "scope", "*"));
            Fields.ifObject(hook.path("clientConfig"), "service", s -> Fields.defaultTo(s, "port", 443));
        });
    }

    /// @param expressions whether match conditions are looked at
    static List<FieldError> validate(JsonNode configuration, boolean expressions) {
        var checks = new Checks();
        var names = new HashSet<String>();
        int i = 0;
        for (JsonNode hook : configuration.path("webhooks")) {
            String at = "webhooks[" + i++ + "]";
            String name = hook.path("name").asText("");
            if (name.isEmpty()) {
                checks.add(FieldError.required(at + ".name", ""));
            } else if (name.split("\\.", -1).length < 3) {
                checks.add(FieldError.invalid(
                        at + ".name", name, "should be a domain with at least three segments separated by dots"));
            } else if (!names.add(name)) {
                checks.add(FieldError.duplicate(at + ".name", name));
            }
            if (hook.path("admissionReviewVersions").isEmpty()) {
                checks.add(FieldError.required(at + ".admissionReviewVersions", "must specify one of v1, v1beta1"));
            }
            if (!hook.hasNonNull("sideEffects")) {
                checks.add(FieldError.required(at + ".sideEffects", "must specify one of None, NoneOnDryRun"));
            }
            checks.oneOf(hook, at, "sideEffects", "None", "NoneOnDryRun");
            long timeout = hook.path("timeoutSeconds").asLong(10);
            if (timeout < 1 || timeout > 30) {
                checks.add(FieldError.invalid(
                        at + ".timeoutSeconds", timeout, "the timeout value must be between 1 and 30 seconds"));
            }
            checks.oneOf(hook, at, "failurePolicy", "Fail", "Ignore");
            checks.oneOf(hook, at, "matchPolicy", "Equivalent", "Exact");
            checks.oneOf(hook, at, "reinvocationPolicy", "IfNeeded", "Never");
            RuleChecks.check(checks, hook.path("rules"), at + ".rules");
            target(checks, hook.path("clientConfig"), at + ".clientConfig");
            if (expressions && !hook.path("matchConditions").isEmpty()) {
                ExpressionChecks.conditions(
                        checks,
                        hook.path("matchConditions"),
                        at + ".matchConditions",
                        AdmissionEnvironment.of(false, true));
            }
        }
        return checks.errors();
    }

    private static void target(Checks checks, JsonNode config, String at) {
        if (config.hasNonNull("url") == config.hasNonNull("service")) {
            checks.add(FieldError.required(at, "exactly one of url or service is required"));
        } else if (config.hasNonNull("url") && !config.path("url").asText().startsWith("https://")) {
            checks.add(FieldError.invalid(
                    at + ".url",
                    config.path("url").asText(),
                    "'https' is the only allowed URL scheme; desired format: https://host[/path]"));
        }
    }
}
