package io.insula.tenantapi.admission.extension;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.cel.common.types.SimpleType;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.cel.AdmissionEnvironment;
import io.insula.tenantapi.cel.CelException;
import io.insula.tenantapi.registry.KindRegistry;
import io.insula.tenantapi.registry.KindSchema;
import io.insula.tenantapi.registry.ResourceKind;
import io.insula.tenantapi.schema.SchemaType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/// Whether the expressions of a ValidatingAdmissionPolicy suit the kinds that it matches by name. What does not, is a
/// warning: the policy works all the same. Source: kubernetes/apiserver,
/// `admission/plugin/policy/validating/typechecking.go`.
final class TypeChecking {

    /// So many kinds are looked at, of each policy.
    private static final int MOST_KINDS = 10;

    private static final Comparator<GroupVersionKind> ORDER = Comparator.comparing(GroupVersionKind::group)
            .thenComparing(GroupVersionKind::version)
            .thenComparing(GroupVersionKind::kind);

    private final KindRegistry kinds;
    private final KindSchema.Lookup schemas;

    TypeChecking(KindRegistry kinds, KindSchema.Lookup schemas) {
        this.kinds = kinds;
        this.schemas = schemas;
    }

    /// The `expressionWarnings` of a policy's status; empty when all is well.
    ArrayNode check(JsonNode policy) {
        JsonNode spec = policy.path("spec");
        Map<GroupVersionKind, AdmissionEnvironment> environments = environments(spec);
        ArrayNode warnings = Json.object().putArray("expressionWarnings");
        int i = 0;
        for (JsonNode validation : spec.path("validations")) {
            for (String field : List.of("expression", "messageExpression")) {
                String source = validation.path(field).asText("");
                String found = source.isEmpty() ? "" : findings(environments, source);
                if (!found.isEmpty()) {
                    warnings.addObject()
                            .put("fieldRef", "spec.validations[" + i + "]." + field)
                            .put("warning", found);
                }
            }
            i++;
        }
        return warnings;
    }

    private static String findings(Map<GroupVersionKind, AdmissionEnvironment> environments, String source) {
        var lines = new ArrayList<String>();
        environments.forEach((kind, environment) -> {
            try {
                environment.compile(source);
            } catch (CelException e) {
                lines.add(kind.group() + "/" + kind.version() + ", Kind=" + kind.kind() + ": " + e.text() + "\n");
            }
        });
        return String.join("\n", lines);
    }

    private Map<GroupVersionKind, AdmissionEnvironment> environments(JsonNode spec) {
        Optional<SchemaType> params = Optional.empty();
        JsonNode paramKind = spec.path("paramKind");
        if (paramKind.isObject()) {
            // a kind that is not known may come: anything may be said of it
            params = Optional.of(kinds.find(GroupVersionKind.of(
                            paramKind.path("apiVersion").asText(),
                            paramKind.path("kind").asText()))
                    .map(kind -> schemas.of(kind).type())
                    .orElse(SchemaType.ANY));
        }
        var all = new LinkedHashMap<GroupVersionKind, AdmissionEnvironment>();
        for (GroupVersionKind kind : matched(spec)) {
            SchemaType type = schemas.of(kinds.find(kind).orElseThrow()).type();
            all.put(kind, withVariables(AdmissionEnvironment.typed(type, params), spec.path("variables")));
        }
        return all;
    }

    private static AdmissionEnvironment withVariables(AdmissionEnvironment environment, JsonNode variables) {
        AdmissionEnvironment known = environment;
        for (JsonNode variable : variables) {
            String name = variable.path("name").asText();
            try {
                known = known.with(
                        name,
                        known.compile(variable.path("expression").asText()).resultType());
            } catch (CelException e) {
                known = known.with(name, SimpleType.DYN);
            }
        }
        return known;
    }

    /// The kinds that the rules name without a `*`, sorted.
    private List<GroupVersionKind> matched(JsonNode spec) {
        var found = new TreeSet<>(ORDER);
        for (JsonNode rule : spec.path("matchConstraints").path("resourceRules")) {
            for (String group : names(rule.path("apiGroups"))) {
                for (String version : names(rule.path("apiVersions"))) {
                    for (JsonNode resource : rule.path("resources")) {
                        kinds.find(new GroupVersionResource(group, version, resource.asText()))
                                .map(ResourceKind::spec)
                                .ifPresent(known -> found.add(known.kind()));
                    }
                }
            }
        }
        return found.stream().limit(MOST_KINDS).toList();
    }

    /// None where any is a pattern.
    private static List<String> names(JsonNode patterns) {
        List<String> names = patterns.valueStream().map(JsonNode::asText).toList();
        return names.stream().anyMatch(name -> name.contains("*")) ? List.of() : names;
    }
}
