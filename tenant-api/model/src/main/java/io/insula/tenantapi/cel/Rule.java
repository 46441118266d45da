package io.insula.tenantapi.cel;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cel.common.types.CelType;
import dev.cel.common.types.OptionalType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One rule, compiled. Immutable.
///
/// @param program null when the rule is empty or does not compile
/// @param error why it does not; empty when it does
/// @param messageProgram null without a messageExpression, or when it does not compile
record Rule(
        JsonNode source,
        @Nullable CelExpression program,
        String error,
        @Nullable CelExpression messageProgram,
        String messageError) {

    static final String SELF = "self";
    static final String OLD_SELF = "oldSelf";

    static List<Rule> compile(JsonNode rules, DeclType type) {
        if (rules.isEmpty()) {
            return List.of();
        }
        CelEnvironment environment = environment(type, type.type());
        CelEnvironment optional = null;
        var all = new ArrayList<Rule>();
        for (JsonNode rule : rules) {
            boolean isOptional = rule.path("optionalOldSelf").asBoolean();
            if (isOptional && optional == null) {
                optional = environment(type, OptionalType.create(type.type()));
            }
            all.add(compile(rule, isOptional && optional != null ? optional : environment));
        }
        return List.copyOf(all);
    }

    private static CelEnvironment environment(DeclType type, CelType oldSelf) {
        var structs = new ArrayList<StructType>();
        type.eachStruct(structs::add);
        Map<String, CelType> variables = new LinkedHashMap<>();
        variables.put(SELF, type.type());
        variables.put(OLD_SELF, oldSelf);
        return CelEnvironment.of(variables, structs);
    }

    private static Rule compile(JsonNode rule, CelEnvironment environment) {
        String text = rule.path("rule").asText("");
        CelExpression program = null;
        String error = "";
        if (!text.isBlank()) {
            try {
                program = environment.compile(text);
                if (!program.resultType().equals(SimpleType.BOOL)) {
                    program = null;
                    error = "cel expression must evaluate to a bool";
                }
            } catch (CelException e) {
                error = "compilation failed: " + e.text();
            }
        }
        String message = rule.path("messageExpression").asText("");
        if (program == null || message.isEmpty()) {
            return new Rule(rule, program, error, null, "");
        }
        try {
            CelExpression shown = environment.compile(message);
            return shown.resultType().equals(SimpleType.STRING)
                    ? new Rule(rule, program, "", shown, "")
                    : new Rule(rule, program, "", null, "messageExpression must evaluate to a string");
        } catch (CelException e) {
            return new Rule(rule, program, "", null, "messageExpression compilation failed: " + e.text());
        }
    }

    boolean usesOldSelf() {
        return program != null && program.mentions(OLD_SELF);
    }

    boolean optionalOldSelf() {
        return source.path("optionalOldSelf").asBoolean();
    }

    /// The rule's message, or what it says itself.
    String shown() {
        String message = source.path("message").asText("").strip();
        return message.isEmpty() ? source.path("rule").asText("").strip() : message;
    }

    /// What a failure of the rule is told as.
    String detail() {
        String message = source.path("message").asText("").strip();
        return message.isEmpty() ? "failed rule: " + shown() : message;
    }
}
