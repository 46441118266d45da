package io.insula.controlplane.tenant;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.insula.isolation.ProfileRule;
import io.insula.tenantapi.cel.AdmissionEnvironment;
import io.insula.tenantapi.cel.CelException;
import io.insula.tenantapi.cel.CelExpression;
import io.insula.tenantapi.cel.CelLimits;
import io.insula.tenantapi.cel.CelValues;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Reads a Tenant's `spec.profileRules`: CEL expressions over a pod (`object`), each with the profile that pods get
/// of which it is true. Pure.
public final class ProfileRules {

    /// A pod that is created asks them all.
    static final int MOST = 16;

    private static final String FIELD = "profileRules";
    private static final String WHEN = "when";
    private static final String PROFILE = "profile";
    private static final AdmissionEnvironment ENVIRONMENT = AdmissionEnvironment.of(false, false);
    private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

    private ProfileRules() {}

    /// @param profiles names of the tenant's profiles; empty where that does not matter
    /// @throws IllegalArgumentException naming the field below `spec` that is wrong
    public static List<ProfileRule> read(List<? extends Map<String, ?>> rules, List<String> profiles) {
        if (rules.size() > MOST) {
            throw new IllegalArgumentException(FIELD + ": has " + rules.size() + " (expected: at most " + MOST + ")");
        }
        var read = new ArrayList<ProfileRule>();
        for (var rule : rules) {
            var path = FIELD + "[" + read.size() + "]";
            var when = text(path, rule, WHEN);
            var profile = text(path, rule, PROFILE);
            if (!profiles.isEmpty() && !profiles.contains(profile)) {
                throw new IllegalArgumentException(path + "." + PROFILE + ": \"" + profile
                        + "\" (expected: one of the tenant's, " + String.join(", ", profiles) + ")");
            }
            read.add(new ProfileRule(when, condition(path, when), profile));
        }
        return List.copyOf(read);
    }

    private static String text(String path, Map<String, ?> rule, String field) {
        if (rule.get(field) instanceof String text && !text.isBlank()) {
            return text;
        }
        throw new IllegalArgumentException(path + "." + field + ": " + rule.get(field) + " (expected: a text)");
    }

    private static ProfileRule.Condition condition(String path, String when) {
        CelExpression compiled;
        try {
            compiled = ENVIRONMENT.condition(when);
        } catch (CelException e) {
            throw new IllegalArgumentException(path + "." + WHEN + ": \"" + when + "\": " + e.text(), e);
        }
        return pod -> holds(compiled, pod);
    }

    private static boolean holds(CelExpression condition, Pod pod) {
        JsonNode tree = SERIALIZATION.convertValue(pod, JsonNode.class);
        try {
            return condition
                    .evaluate(Map.of(AdmissionEnvironment.OBJECT, CelValues.of(tree)), CelLimits.PER_CALL)
                    .isTrue();
        } catch (CelException e) {
            throw new IllegalArgumentException(e.text(), e);
        }
    }
}
