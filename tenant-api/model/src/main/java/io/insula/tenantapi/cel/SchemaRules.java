package io.insula.tenantapi.cel;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.schema.Correlation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The `x-kubernetes-validations` of one version of a custom resource. Compiled when they are first needed, once.
/// Thread-safe. Source: kubernetes/apiextensions-apiserver, `apiserver/schema/cel/validation.go`.
public final class SchemaRules {

    private final JsonNode schema;
    private volatile @Nullable RuleNode compiled;

    private SchemaRules(JsonNode schema) {
        this.schema = schema;
    }

    /// The rules of a structural schema; empty when it has none. The caller must not change it later.
    public static Optional<SchemaRules> of(JsonNode schema) {
        return hasRules(schema) ? Optional.of(new SchemaRules(schema)) : Optional.empty();
    }

    /// What keeps the rules of a schema from being accepted: they do not compile, or may cost too much.
    ///
    /// @param path of the schema, e.g. `spec.versions[0].schema.openAPIV3Schema`
    public static List<FieldError> check(String path, JsonNode schema) {
        return hasRules(schema) ? RuleCheck.check(path, schema) : List.of();
    }

    /// What the rules object to.
    ///
    /// @param old the object that `object` replaces; null for a new one
    /// @param warnings gets what would be refused, had it not been so before
    public List<FieldError> validate(JsonNode object, @Nullable JsonNode old, List<String> warnings) {
        var run = new RuleRun(warnings);
        Correlation before = old == null ? null : new Correlation(schema, object, old);
        run.validate(root(), "", object, old, new Ratchet(before, null));
        return run.errors();
    }

    private RuleNode root() {
        RuleNode known = compiled;
        if (known == null) {
            synchronized (this) {
                known = compiled;
                if (known == null) {
                    known = RuleNode.compile(schema);
                    compiled = known;
                }
            }
        }
        return known;
    }

    /// Where a value stands among old ones.
    ///
    /// @param here the value's own correlation; null where it has none
    /// @param above the nearest one above that is known; null at the root
    record Ratchet(@Nullable Correlation here, @Nullable Correlation above) {

        boolean tolerates() {
            Correlation nearest = here == null ? above : here;
            return nearest != null && nearest.isSame();
        }

        Ratchet key(String name) {
            if (here == null) {
                return this;
            }
            boolean typeMeta = above == null && (name.equals("apiVersion") || name.equals("kind"));
            return typeMeta ? new Ratchet(null, null) : new Ratchet(here.key(name), here);
        }

        Ratchet index(int index) {
            return here == null ? this : new Ratchet(here.index(index), here);
        }

        Ratchet withoutHere() {
            return new Ratchet(null, above);
        }
    }

    static boolean hasRules(JsonNode schema) {
        if (!schema.path("x-kubernetes-validations").isEmpty()) {
            return true;
        }
        var parts = new ArrayList<JsonNode>();
        schema.path("properties").forEach(parts::add);
        schema.path("allOf").forEach(parts::add);
        parts.add(schema.path("items"));
        parts.add(schema.path("additionalProperties"));
        return parts.stream().anyMatch(part -> part.isObject() && hasRules(part));
    }
}
