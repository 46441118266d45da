package io.insula.tenantapi.admission.extension;

import io.insula.tenantapi.admission.extension.Policy.Annotation;
import io.insula.tenantapi.admission.extension.Policy.Compiled;
import io.insula.tenantapi.admission.extension.Policy.Validation;
import io.insula.tenantapi.cel.AdmissionEnvironment;
import io.insula.tenantapi.cel.CelException;
import io.insula.tenantapi.cel.CelExpression;
import io.insula.tenantapi.cel.CelLimits;
import io.insula.tenantapi.cel.LazyVariables;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One policy over one request with one parameter, within one budget. Confined to a thread, used once. Source:
/// kubernetes/apiserver, `admission/plugin/policy/validating/validator.go`.
final class PolicyRun {

    private final Policy policy;
    private final Map<String, Object> variables;
    private long budget = CelLimits.RUNTIME_BUDGET;

    /// A validation that failed.
    ///
    /// @param index of the validation
    /// @param reason of the status; empty when it could not be evaluated
    record Denial(int index, String message, String reason) {}

    /// @param annotations to publish, by key
    /// @param errors of annotations that cannot be evaluated, where that denies
    record Outcome(List<Denial> denials, Map<String, String> annotations, List<String> errors) {}

    /// @param variables of the request, without those of the policy
    PolicyRun(Policy policy, Map<String, Object> variables) {
        this.policy = policy;
        this.variables = new HashMap<>(variables);
        this.variables.put(AdmissionEnvironment.VARIABLES, new LazyVariables(this::variable));
    }

    Outcome run() {
        var nothing = new Outcome(List.of(), Map.of(), List.of());
        if (!policy.program().conditions().isEmpty()) {
            switch (policy.program().conditions().evaluate(variables)) {
                case MatchConditions.Result.Matches() -> {}
                case MatchConditions.Result.Excluded() -> {
                    return nothing;
                }
                case MatchConditions.Result.Failed(var message) -> {
                    return policy.ignoreFailures()
                            ? nothing
                            : new Outcome(List.of(new Denial(0, message, "")), Map.of(), List.of());
                }
            }
        }
        var denials = new ArrayList<Denial>();
        for (int i = 0; i < policy.program().validations().size(); i++) {
            Denial denial = validate(i, policy.program().validations().get(i));
            if (denial != null) {
                denials.add(denial);
            }
        }
        return annotated(denials);
    }

    private @Nullable Denial validate(int index, Validation validation) {
        try {
            Object value = evaluate(validation.expression());
            return Boolean.TRUE.equals(value) ? null : new Denial(index, message(validation), validation.reason());
        } catch (CelException e) {
            return policy.ignoreFailures() ? null : new Denial(index, e.text(), "");
        }
    }

    private String message(Validation validation) {
        Compiled expression = validation.messageExpression();
        if (expression != null) {
            try {
                String text = evaluate(expression).toString().strip();
                boolean fits = text.getBytes(StandardCharsets.UTF_8).length <= CelLimits.MAX_MESSAGE_BYTES;
                if (!text.isEmpty() && !text.contains("\n") && fits) {
                    return text;
                }
            } catch (CelException _) {
                // a message that cannot be made is replaced by the plain one
            }
        }
        return validation.message().isEmpty()
                ? "failed expression: " + validation.expression().source().strip()
                : validation.message();
    }

    private Outcome annotated(List<Denial> denials) {
        var annotations = new HashMap<String, String>();
        var errors = new ArrayList<String>();
        budget = CelLimits.RUNTIME_BUDGET;
        for (Annotation annotation : policy.program().annotations()) {
            try {
                if (evaluate(annotation.value()) instanceof String text && !text.isBlank()) {
                    annotations.put(annotation.key(), text.strip());
                }
            } catch (CelException e) {
                if (!policy.ignoreFailures()) {
                    errors.add(e.text());
                }
            }
        }
        return new Outcome(denials, annotations, errors);
    }

    private Object variable(String name) {
        Compiled compiled = policy.program().variables().get(name);
        if (compiled == null || compiled.program() == null) {
            throw failure(compiled == null ? "no such key: " + name : compiled.error());
        }
        CelExpression.Result result = compiled.program().evaluate(variables, limit());
        budget -= result.cost();
        return result.value();
    }

    private Object evaluate(Compiled compiled) {
        CelExpression program = compiled.program();
        if (program == null) {
            throw failure(compiled.error());
        }
        if (budget <= 0) {
            throw failure(Expressions.OUT_OF_BUDGET);
        }
        try {
            CelExpression.Result result = program.evaluate(variables, limit());
            budget -= result.cost();
            return result.value();
        } catch (CelException e) {
            budget -= e.cost();
            throw failure(budget <= 0 ? Expressions.OUT_OF_BUDGET : Expressions.failure(compiled.source(), e));
        }
    }

    private long limit() {
        return Math.min(Math.max(budget, 0), CelLimits.PER_CALL);
    }

    private static CelException failure(String message) {
        return CelException.of(message);
    }
}
