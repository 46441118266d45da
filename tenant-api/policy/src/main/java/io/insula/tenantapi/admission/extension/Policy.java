package io.insula.tenantapi.admission.extension;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cel.common.types.SimpleType;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.cel.AdmissionEnvironment;
import io.insula.tenantapi.cel.CelException;
import io.insula.tenantapi.cel.CelExpression;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A ValidatingAdmissionPolicy, compiled. Immutable. Source: kubernetes/apiserver,
/// `admission/plugin/policy/validating`.
///
/// @param ignoreFailures its failurePolicy
/// @param paramKind empty without parameters
/// @param variables by name, in order
record Policy(
        String name,
        MatchCriteria criteria,
        boolean ignoreFailures,
        Optional<GroupVersionKind> paramKind,
        MatchConditions conditions,
        Map<String, Compiled> variables,
        List<Validation> validations,
        List<Annotation> annotations) {

    /// An expression, or why there is none.
    record Compiled(String source, @Nullable CelExpression program, String error) {}

    /// @param message what to say; empty for none
    /// @param messageExpression null without one
    record Validation(
            Compiled expression, String message, @Nullable Compiled messageExpression, String reason) {}

    record Annotation(String key, Compiled value) {}

    static Policy compile(ObjectNode policy) {
        JsonNode spec = policy.path("spec");
        JsonNode paramKind = spec.path("paramKind");
        var environment = AdmissionEnvironment.of(paramKind.isObject(), true);
        var variables = new LinkedHashMap<String, Compiled>();
        for (JsonNode variable : spec.path("variables")) {
            String name = variable.path("name").asText();
            AdmissionEnvironment known = environment;
            Compiled compiled = compile(variable.path("expression").asText(), known::compile);
            variables.put(name, compiled);
            CelExpression program = compiled.program();
            environment = environment.with(name, program == null ? SimpleType.DYN : program.resultType());
        }
        return new Policy(
                Meta.name(policy),
                MatchCriteria.ofPolicy(spec.path("matchConstraints"), false),
                spec.path("failurePolicy").asText("Fail").equals("Ignore"),
                paramKind.isObject()
                        ? Optional.of(GroupVersionKind.of(
                                paramKind.path("apiVersion").asText(),
                                paramKind.path("kind").asText()))
                        : Optional.empty(),
                MatchConditions.compile(spec.path("matchConditions"), environment),
                variables,
                validations(spec.path("validations"), environment),
                annotations(spec.path("auditAnnotations"), environment));
    }

    private static List<Validation> validations(JsonNode validations, AdmissionEnvironment environment) {
        AdmissionEnvironment messages = environment.withoutAuthorizer();
        var all = new ArrayList<Validation>();
        for (JsonNode validation : validations) {
            String message = validation.path("messageExpression").asText("");
            all.add(new Validation(
                    compile(validation.path("expression").asText(), environment::condition),
                    validation.path("message").asText("").strip(),
                    message.isEmpty() ? null : compile(message, messages::text),
                    validation.path("reason").asText("Invalid")));
        }
        return List.copyOf(all);
    }

    private static List<Annotation> annotations(JsonNode annotations, AdmissionEnvironment environment) {
        var all = new ArrayList<Annotation>();
        for (JsonNode annotation : annotations) {
            all.add(new Annotation(
                    annotation.path("key").asText(),
                    compile(annotation.path("valueExpression").asText(), environment::textOrNull)));
        }
        return List.copyOf(all);
    }

    private static Compiled compile(String source, java.util.function.Function<String, CelExpression> compiler) {
        try {
            return new Compiled(source, compiler.apply(source), "");
        } catch (CelException e) {
            return new Compiled(source, null, "compilation error: " + e.text());
        }
    }
}
