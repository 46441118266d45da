package io.insula.tenantapi.kinds.extension;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cel.common.types.SimpleType;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.cel.AdmissionEnvironment;
import io.insula.tenantapi.cel.CelException;
import io.insula.tenantapi.cel.CelExpression;
import io.insula.tenantapi.kinds.Checks;
import java.util.HashSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Expressions of policies and match conditions: each must compile and answer the right type. Source: kubernetes
/// `pkg/apis/admissionregistration/validation`.
final class ExpressionChecks {

    private static final int MAX_CONDITIONS = 64;
    private static final Pattern NAME = Pattern.compile("([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]");
    private static final Pattern IDENTIFIER = Pattern.compile("[_a-zA-Z][_a-zA-Z0-9]*");

    private ExpressionChecks() {}

    /// @param at the path of the list, e.g. `webhooks[0].matchConditions`
    static void conditions(Checks checks, JsonNode conditions, String at, AdmissionEnvironment environment) {
        if (conditions.size() > MAX_CONDITIONS) {
            checks.add(new FieldError(
                    FieldError.Reason.FieldValueTooMany,
                    at,
                    Integer.toString(conditions.size()),
                    "must have at most " + MAX_CONDITIONS + " items"));
        }
        var names = new HashSet<String>();
        for (int i = 0; i < conditions.size(); i++) {
            JsonNode condition = conditions.get(i);
            String path = at + "[" + i + "]";
            expression(checks, condition, "expression", path, environment::condition);
            String name = condition.path("name").asText("");
            String bare = name.substring(name.indexOf('/') + 1);
            if (name.isEmpty()) {
                checks.add(FieldError.required(path + ".name", ""));
            } else if (!NAME.matcher(bare).matches() || bare.length() > 63) {
                checks.add(FieldError.invalid(
                        path + ".name",
                        name,
                        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with"
                                + " an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used"
                                + " for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"));
            } else if (!names.add(name)) {
                checks.add(FieldError.duplicate(path + ".name", name));
            }
        }
    }

    /// The expressions of a policy, whose variables build on each other.
    static void policy(Checks checks, JsonNode spec) {
        var environment = AdmissionEnvironment.of(spec.path("paramKind").isObject(), true);
        var seen = new HashSet<String>();
        for (int i = 0; i < spec.path("variables").size(); i++) {
            JsonNode variable = spec.path("variables").get(i);
            String path = "spec.variables[" + i + "]";
            String name = variable.path("name").asText("");
            if (name.isEmpty()) {
                checks.add(FieldError.required(path + ".name", "name is required"));
            } else if (!IDENTIFIER.matcher(name).matches()) {
                checks.add(FieldError.invalid(path + ".name", name, "name is not a valid CEL identifier"));
            } else if (!seen.add(name)) {
                checks.add(FieldError.duplicate(path + ".name", name));
            }
            CelExpression compiled = expression(checks, variable, "expression", path, environment::compile);
            if (IDENTIFIER.matcher(name).matches()) {
                environment = environment.with(name, compiled == null ? SimpleType.DYN : compiled.resultType());
            }
        }
        conditions(checks, spec.path("matchConditions"), "spec.matchConditions", environment);
        validations(checks, spec.path("validations"), environment);
        annotations(checks, spec.path("auditAnnotations"), environment);
    }

    private static void validations(Checks checks, JsonNode validations, AdmissionEnvironment environment) {
        AdmissionEnvironment messages = environment.withoutAuthorizer();
        for (int i = 0; i < validations.size(); i++) {
            JsonNode validation = validations.get(i);
            String path = "spec.validations[" + i + "]";
            expression(checks, validation, "expression", path, environment::condition);
            if (validation.hasNonNull("messageExpression")) {
                expression(checks, validation, "messageExpression", path, messages::text);
            }
            String message = validation.path("message").asText("");
            if (!message.isEmpty() && message.isBlank()) {
                checks.add(FieldError.invalid(path + ".message", message, "message must be non-empty if specified"));
            } else if (message.contains("\n")) {
                checks.add(FieldError.invalid(path + ".message", message, "message must not contain line breaks"));
            }
            checks.oneOf(validation, path, "reason", "Unauthorized", "Forbidden", "Invalid", "RequestEntityTooLarge");
        }
    }

    private static void annotations(Checks checks, JsonNode annotations, AdmissionEnvironment environment) {
        var keys = new HashSet<String>();
        for (int i = 0; i < annotations.size(); i++) {
            JsonNode annotation = annotations.get(i);
            String path = "spec.auditAnnotations[" + i + "]";
            String key = annotation.path("key").asText("");
            if (key.isEmpty()) {
                checks.add(FieldError.required(path + ".key", ""));
            } else if (!keys.add(key)) {
                checks.add(FieldError.duplicate(path + ".key", key));
            }
            expression(checks, annotation, "valueExpression", path, environment::textOrNull);
        }
    }

    private static @Nullable CelExpression expression(
            Checks checks, JsonNode tree, String field, String at, Function<String, CelExpression> compile) {
        String source = tree.path(field).asText("");
        if (source.isBlank()) {
            checks.add(FieldError.required(at + "." + field, field + " is not specified"));
            return null;
        }
        try {
            return compile.apply(source.strip());
        } catch (CelException e) {
            checks.add(FieldError.invalid(at + "." + field, source, e.text()));
            return null;
        }
    }
}
