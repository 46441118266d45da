package io.insula.isolation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cel.common.values.NullValue;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.cel.AdmissionEnvironment;
import io.insula.tenantapi.cel.CelException;
import io.insula.tenantapi.cel.CelExpression;
import io.insula.tenantapi.cel.CelLimits;
import io.insula.tenantapi.cel.CelValues;
import io.insula.tenantapi.cel.LazyVariables;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A policy as a host compiles it from what is rendered, and as it judges the creation of a pod. Immutable.
final class RenderedPolicy {

    private final Map<String, CelExpression> variables = new LinkedHashMap<>();
    private final List<CelExpression> conditions = new ArrayList<>();
    private final List<CelExpression> validations = new ArrayList<>();
    private final List<String> messages = new ArrayList<>();

    /// @param spec of a ValidatingAdmissionPolicy
    /// @throws CelException for what does not compile
    RenderedPolicy(Map<String, Object> spec) {
        JsonNode tree = Json.MAPPER.valueToTree(spec);
        var environment = AdmissionEnvironment.of(false, true);
        for (JsonNode variable : tree.path("variables")) {
            CelExpression compiled =
                    environment.compile(variable.path("expression").asText());
            variables.put(variable.path("name").asText(), compiled);
            environment = environment.with(variable.path("name").asText(), compiled.resultType());
        }
        for (JsonNode condition : tree.path("matchConditions")) {
            conditions.add(environment.condition(condition.path("expression").asText()));
        }
        for (JsonNode validation : tree.path("validations")) {
            validations.add(environment.condition(validation.path("expression").asText()));
            messages.add(validation
                    .path("message")
                    .asText(validation.path("messageExpression").asText()));
        }
    }

    /// What it says of a new pod; empty where the pod passes or is none of its matter. As its `failurePolicy`
    /// is `Fail`, what cannot be judged is refused.
    ///
    /// @param namespace annotations of the pod's namespace
    List<String> refusals(JsonNode pod, Map<String, String> namespace) {
        Map<String, Object> values = values(pod, namespace);
        try {
            for (CelExpression condition : conditions) {
                if (!condition.evaluate(values, CelLimits.PER_CALL).isTrue()) {
                    return List.of();
                }
            }
        } catch (CelException e) {
            return List.of(e.text());
        }
        var refusals = new ArrayList<String>();
        for (int i = 0; i < validations.size(); i++) {
            try {
                if (!validations.get(i).evaluate(values, CelLimits.PER_CALL).isTrue()) {
                    refusals.add(messages.get(i));
                }
            } catch (CelException e) {
                refusals.add(messages.get(i) + ": " + e.text());
            }
        }
        return List.copyOf(refusals);
    }

    private Map<String, Object> values(JsonNode pod, Map<String, String> namespace) {
        ObjectNode request = Json.object().put("operation", "CREATE");
        request.putObject("resource").put("group", "").put("version", "v1").put("resource", "pods");
        request.putObject("userInfo").put("username", "somebody");
        ObjectNode around = Json.object();
        namespace.forEach(around.putObject("metadata").putObject("annotations")::put);
        var values = new HashMap<String, Object>();
        values.put(AdmissionEnvironment.OBJECT, CelValues.of(pod));
        values.put(AdmissionEnvironment.OLD_OBJECT, NullValue.NULL_VALUE);
        values.put(AdmissionEnvironment.REQUEST, CelValues.of(request));
        values.put(AdmissionEnvironment.NAMESPACE, CelValues.of(around));
        values.put(
                AdmissionEnvironment.VARIABLES,
                new LazyVariables(name ->
                        variable(name).evaluate(values, CelLimits.PER_CALL).value()));
        return values;
    }

    private CelExpression variable(String name) {
        CelExpression found = variables.get(name);
        if (found == null) {
            throw new AssertionError("no such variable: " + name);
        }
        return found;
    }
}
