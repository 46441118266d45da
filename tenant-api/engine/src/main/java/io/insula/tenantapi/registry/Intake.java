package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.registry.WriteOptions.FieldValidation;
import io.insula.tenantapi.wire.Decoded;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Takes what a client sent: checks that it is what the URL speaks of, drops or reports unknown fields, fills defaults.
final class Intake {

    private final KindSchema.Lookup schemas;

    Intake(KindSchema.Lookup schemas) {
        this.schemas = schemas;
    }

    /// The object, decoded and with defaults; it is the caller's tree, changed in place.
    ///
    /// @throws ApiException 400 for another kind, undecodable values or (strict) unknown fields
    ObjectNode accept(Target target, Decoded body, WriteOptions options, Caller caller) {
        return accept(target, body, options, caller, text -> ApiException.badRequest("strict decoding error: " + text));
    }

    /// The same, with the caller's own answer to what strict field validation finds.
    ObjectNode accept(
            Target target,
            Decoded body,
            WriteOptions options,
            Caller caller,
            Function<String, ApiException> strictError) {
        ObjectNode object = body.object();
        GroupVersionKind expected = target.bodyKind();
        matchKind(expected, object);
        boolean main = expected.equals(target.spec().kind());
        KindSchema schema = main ? schemas.of(target.kind()) : schemas.of(expected);
        var findings = new ArrayList<String>();
        schema.decode(object).forEach(path -> findings.add("unknown field \"" + path + "\""));
        findings.addAll(body.strictErrors());
        report(findings, options.fieldValidation(), caller, strictError);
        schema.applyDefaults(object);
        if (main && target.kind() instanceof StoredKind kind) {
            kind.applyDefaults(object);
        }
        return object;
    }

    /// What server-side apply sends is taken as it is: the merge refuses what its schema does not know, whatever the
    /// field validation. Source: kubernetes/apiserver, `applyPatcher`.
    void acceptApplied(Target target, Decoded body, WriteOptions options, Caller caller) {
        matchKind(target.spec().kind(), body.object());
        report(
                body.strictErrors().stream()
                        .map(e -> "error converting YAML to JSON: " + e)
                        .toList(),
                options.fieldValidation(),
                caller,
                text -> ApiException.badRequest("error strict decoding YAML: " + text));
    }

    /// An absent apiVersion or kind means the URL's. Source: kubernetes/apiserver, `transformDecodeError`.
    static void matchKind(GroupVersionKind expected, ObjectNode object) {
        String version = object.path("apiVersion").asText("");
        String kind = object.path("kind").asText("");
        if (!kind.isEmpty() && !kind.equals(expected.kind())) {
            throw ApiException.badRequest(kind + " in version \"" + version + "\" cannot be handled as a "
                    + expected.kind() + ": converting (" + kind + ") to (" + expected.kind() + "): unknown conversion");
        }
        if (!version.isEmpty() && !version.equals(expected.apiVersion())) {
            throw ApiException.badRequest("the API version in the data (" + version
                    + ") does not match the expected API version (" + expected.apiVersion() + ")");
        }
        object.put("apiVersion", expected.apiVersion());
        object.put("kind", expected.kind());
    }

    /// An absent namespace means the URL's. Source: kubernetes/apiserver,
    /// `EnsureObjectNamespaceMatchesRequestNamespace`.
    static void matchNamespace(Target target, ObjectNode object) {
        String namespace = Meta.namespace(object);
        if (namespace.equals(target.namespace())) {
            return;
        }
        if (target.namespace().isEmpty()) {
            Meta.of(object).remove("namespace");
        } else if (namespace.isEmpty()) {
            Meta.of(object).put("namespace", target.namespace());
        } else {
            throw ApiException.badRequest(
                    "the namespace of the provided object does not match the namespace sent on the request");
        }
    }

    /// Source: kubernetes/apiserver, `checkName`.
    static void matchName(Target target, ObjectNode object) {
        String name = Meta.name(object);
        if (name.isEmpty()) {
            throw ApiException.badRequest("the name of the object (" + target.name()
                    + " based on URL) was undeterminable: name must be provided");
        }
        if (!name.equals(target.name())) {
            throw ApiException.badRequest(
                    "the name of the object (" + name + ") does not match the name on the URL (" + target.name() + ")");
        }
        String namespace = Meta.namespace(object);
        if (!target.namespace().isEmpty() && !namespace.isEmpty() && !namespace.equals(target.namespace())) {
            throw ApiException.badRequest("the namespace of the object (" + namespace
                    + ") does not match the namespace on the request (" + target.namespace() + ")");
        }
    }

    private static void report(
            List<String> findings,
            FieldValidation validation,
            Caller caller,
            Function<String, ApiException> strictError) {
        if (findings.isEmpty() || validation == FieldValidation.IGNORE) {
            return;
        }
        if (validation == FieldValidation.STRICT) {
            throw strictError.apply(String.join(", ", findings));
        }
        caller.warnings().addAll(findings);
    }
}
