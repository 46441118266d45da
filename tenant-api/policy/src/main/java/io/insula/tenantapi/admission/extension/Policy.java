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

/// A ValidatingAdmissionPolicy. Thread-safe. Its expressions are compiled when a request first needs them: that takes
/// milliseconds each, and most policies of a cluster never meet a request of theirs. Source: kubernetes/apiserver,
/// `admission/plugin/policy/validating`.
final class Policy {

    private final String name;
    private final MatchCriteria criteria;
    private final boolean ignoreFailures;
    private final Optional<GroupVersionKind> paramKind;
    private final JsonNode spec;
    private volatile @Nullable Program program;

    /// @param variables by name, in order
    record Program(
            MatchConditions conditions,
            Map<String, Compiled> variables,
            List<Validation> validations,
            List<Annotation> annotations) {}

    /// An expression, or why there is none.
    record Compiled(String source, @Nullable CelExpression program, String error) {}

    /// @param message what to say; empty for none
    /// @param messageExpression null without one
    record Validation(
            Compiled expression, String message, @Nullable Compiled messageExpression, String reason) {}

    record Annotation(String key, Compiled value) {}

    private Policy(String name, JsonNode spec) {
        JsonNode kind = spec.path("paramKind");
        this.name = name;
        this.spec = spec;
        criteria = MatchCriteria.ofPolicy(spec.path("matchConstraints"), false);
        ignoreFailures = spec.path("failurePolicy").asText("Fail").equals("Ignore");
        paramKind = kind.isObject()
                ? Optional.of(GroupVersionKind.of(
                        kind.path("apiVersion").asText(), kind.path("kind").asText()))
                : Optional.empty();
    }

    static Policy of(ObjectNode policy) {
        return new Policy(Meta.name(policy), policy.path("spec"));
    }

    String name() {
        return name;
    }

    MatchCriteria criteria() {
        return criteria;
    }

    /// Its failurePolicy.
    boolean ignoreFailures() {
        return ignoreFailures;
    }

    /// Empty without parameters.
    Optional<GroupVersionKind> paramKind() {
        return paramKind;
    }

    Program program() {
        Program known = program;
        return known == null ? compiled() : known;
    }

    private synchronized Program compiled() {
        Program known = program;
        if (known == null) {
            known = compile();
            program = known;
        }
        return known;
    }

    private Program compile() {
        var environment = AdmissionEnvironment.of(paramKind.isPresent(), true);
        var variables = new LinkedHashMap<String, Compiled>();
        for (JsonNode variable : spec.path("variables")) {
            String variableName = variable.path("name").asText();
            AdmissionEnvironment known = environment;
            Compiled value = compile(variable.path("expression").asText(), known::compile);
            variables.put(variableName, value);
            CelExpression expression = value.program();
            environment = environment.with(variableName, expression == null ? SimpleType.DYN : expression.resultType());
        }
        return new Program(
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
