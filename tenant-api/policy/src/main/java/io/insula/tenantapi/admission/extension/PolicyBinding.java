package io.insula.tenantapi.admission.extension;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Meta;
import java.util.ArrayList;
import java.util.List;

/// A ValidatingAdmissionPolicyBinding. Immutable.
///
/// @param paramRef missing without parameters
/// @param actions Deny, Warn, Audit
record PolicyBinding(String name, String policy, MatchCriteria criteria, JsonNode paramRef, List<String> actions) {

    static PolicyBinding of(ObjectNode binding) {
        JsonNode spec = binding.path("spec");
        var actions = new ArrayList<String>();
        spec.path("validationActions").forEach(action -> actions.add(action.asText()));
        return new PolicyBinding(
                Meta.name(binding),
                spec.path("policyName").asText(),
                MatchCriteria.ofPolicy(spec.path("matchResources"), true),
                spec.path("paramRef"),
                List.copyOf(actions));
    }
}
