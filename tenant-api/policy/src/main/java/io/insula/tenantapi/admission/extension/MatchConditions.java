package io.insula.tenantapi.admission.extension;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.cel.AdmissionEnvironment;
import io.insula.tenantapi.cel.CelException;
import io.insula.tenantapi.cel.CelExpression;
import io.insula.tenantapi.cel.CelLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The `matchConditions` of a webhook or policy, compiled. Immutable. Source: kubernetes/apiserver,
/// `admission/plugin/webhook/matchconditions`.
final class MatchConditions {

    private final List<Condition> conditions;

    private record Condition(String source, @Nullable CelExpression program, String error) {}

    /// What the conditions say of a request.
    sealed interface Result {
        record Matches() implements Result {}

        record Excluded() implements Result {}

        /// At least one cannot say, and none excludes.
        record Failed(String message) implements Result {}
    }

    private MatchConditions(List<Condition> conditions) {
        this.conditions = List.copyOf(conditions);
    }

    static MatchConditions compile(JsonNode conditions, AdmissionEnvironment environment) {
        var all = new ArrayList<Condition>();
        for (JsonNode condition : conditions) {
            String source = condition.path("expression").asText();
            try {
                all.add(new Condition(source, environment.condition(source), ""));
            } catch (CelException e) {
                all.add(new Condition(source, null, "compilation error: " + e.text()));
            }
        }
        return new MatchConditions(all);
    }

    boolean isEmpty() {
        return conditions.isEmpty();
    }

    Result evaluate(Map<String, Object> variables) {
        long budget = CelLimits.MATCH_CONDITIONS_BUDGET;
        var errors = new ArrayList<String>();
        for (Condition condition : conditions) {
            CelExpression program = condition.program();
            if (program == null) {
                errors.add(condition.error());
                continue;
            }
            try {
                CelExpression.Result result = program.evaluate(variables, Math.min(budget, CelLimits.PER_CALL));
                budget -= result.cost();
                if (Boolean.FALSE.equals(result.value())) {
                    return new Result.Excluded();
                }
            } catch (CelException e) {
                budget -= e.cost();
                errors.add(Expressions.failure(condition.source(), e));
            }
            if (budget <= 0) {
                return new Result.Failed(Expressions.OUT_OF_BUDGET);
            }
        }
        if (errors.isEmpty()) {
            return new Result.Matches();
        }
        return new Result.Failed(errors.size() == 1 ? errors.getFirst() : "[" + String.join(", ", errors) + "]");
    }
}
