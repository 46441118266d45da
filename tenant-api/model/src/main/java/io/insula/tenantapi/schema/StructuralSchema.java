package io.insula.tenantapi.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.schema.FieldChecker.Findings;
import java.util.ArrayList;
import java.util.List;

/// The schema of one version of a custom resource: what its objects may hold. Immutable and thread-safe; make it
/// once per version of a CRD. `apiVersion`, `kind` and `metadata` are implied at the root and in embedded
/// resources.
///
/// The engine runs [#decode], then [#applyDefaults], later [#validate]. Rules in CEL are for the package `cel`.
/// Source: kubernetes/apiextensions-apiserver, `apiserver/schema`.
public final class StructuralSchema {

    private final JsonNode schema;
    private final SchemaType type;
    private final SchemaType objectMeta;

    private StructuralSchema(JsonNode schema, SchemaType objectMeta) {
        this.schema = schema;
        this.objectMeta = objectMeta;
        this.type = TypeReader.structural(objectMeta).root(schema);
    }

    /// @param openApiV3Schema a JSONSchemaProps that [#check] finds nothing in; missing or null for a version
    ///     without schema, which keeps all fields. The caller must not change it later.
    public static StructuralSchema of(JsonNode openApiV3Schema, ApiSchema api) {
        JsonNode schema = openApiV3Schema.isObject() ? openApiV3Schema : MissingNode.getInstance();
        return new StructuralSchema(schema, api.objectMeta());
    }

    /// What keeps a JSONSchemaProps from being a structural schema, or from being a schema at all; empty when
    /// nothing does. Includes defaults that do not fit.
    ///
    /// @param path of the schema, e.g. `spec.versions[0].schema.openAPIV3Schema`
    public static List<FieldError> check(String path, JsonNode openApiV3Schema, ApiSchema api) {
        var errors = new ArrayList<FieldError>(SchemaCheck.check(path, openApiV3Schema));
        if (errors.isEmpty()) {
            errors.addAll(DefaultCheck.check(path, openApiV3Schema, api.objectMeta()));
        }
        return errors;
    }

    /// The type of whole objects, for server-side apply, patches and CEL.
    public SchemaType type() {
        return type;
    }

    /// Removes the fields that the schema does not name (also of metadata, everywhere) and says which. Nothing else
    /// changes.
    ///
    /// @return type errors are of metadata only: other values are for [#validate]
    public Findings decode(ObjectNode object) {
        return Pruning.prune(type, objectMeta, object);
    }

    /// Removes nulls that may not be and have no default, then writes defaults. Idempotent.
    public void applyDefaults(ObjectNode object) {
        Pruning.dropNulls(type, object);
        Defaulter.apply(type, object);
    }

    /// The schema as it was given; not to be changed.
    public JsonNode tree() {
        return schema;
    }

    /// The same for a change: what was wrong before and has not changed is tolerated. Source:
    /// kubernetes/apiextensions-apiserver, `registry/customresource/strategy.go` (ValidateUpdate).
    public List<FieldError> validateUpdate(JsonNode object, JsonNode old) {
        var errors = new ArrayList<>(ValueCheck.check(schema, object, old));
        if (ListUniqueness.check(schema, old).isEmpty()) {
            errors.addAll(ListUniqueness.check(schema, object));
        }
        return errors;
    }

    /// All findings: values against the schema, and the uniqueness of elements in lists of type set and map.
    public List<FieldError> validate(JsonNode object) {
        var errors = new ArrayList<>(ValueCheck.check(schema, object));
        errors.addAll(ListUniqueness.check(schema, object));
        return errors;
    }
}
