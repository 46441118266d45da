package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.registry.Writes.Wanted;
import io.insula.tenantapi.wire.Decoded;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Patches of the four types. Source: kubernetes/apiserver, `handlers/patch.go`.
final class Patches {

    private static final GroupVersionKind NO_KIND = new GroupVersionKind("", "", "");
    private static final GroupVersionKind OPTIONS = new GroupVersionKind("meta.k8s.io", "v1", "PatchOptions");

    private final KindSchema.Lookup schemas;
    private final StoredObjects objects;
    private final Intake intake;
    private final Writes writes;
    private final Subresources subresources;

    Patches(KindSchema.Lookup schemas, StoredObjects objects, Intake intake, Writes writes, Subresources subresources) {
        this.schemas = schemas;
        this.objects = objects;
        this.intake = intake;
        this.writes = writes;
        this.subresources = subresources;
    }

    WriteOutcome patch(Target target, PatchRequest patch, WriteOptions options, Caller caller) {
        if (patch.type() == PatchRequest.Type.APPLY) {
            return apply(target, patch, options, caller);
        }
        if (target.isSpecial()) {
            return special(target, patch, options, caller);
        }
        ObjectNode stored = writes.replace(
                target,
                current -> {
                    ObjectNode view = subresources.view(target, current.object().deepCopy());
                    ObjectNode body = patched(target, view, patch, options, caller);
                    return new Wanted(subresources.merge(target, current.object(), body), false);
                },
                options,
                caller);
        return new WriteOutcome(subresources.view(target, stored), false);
    }

    /// A patch says what to change, whatever else has changed meanwhile: it is made anew from what is there by then.
    /// Who names a resourceVersion in it gets the conflict instead.
    private WriteOutcome special(Target target, PatchRequest patch, WriteOptions options, Caller caller) {
        for (int attempt = 1; ; attempt++) {
            ObjectNode view = subresources.get(target, caller);
            String seen = Meta.resourceVersion(view);
            ObjectNode body = patched(target, view.deepCopy(), patch, options, caller);
            try {
                return new WriteOutcome(subresources.call(target, "patch", body, options, caller), false);
            } catch (ApiException e) {
                boolean overtaken = e.is("Conflict")
                        && Meta.resourceVersion(body).equals(seen)
                        && !seen.equals(
                                Meta.resourceVersion(objects.require(target).object()));
                if (!overtaken || attempt == Writes.UPDATE_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private ObjectNode patched(
            Target target, ObjectNode view, PatchRequest patch, WriteOptions options, Caller caller) {
        ObjectNode result = switch (patch.type()) {
            case JSON -> JsonPatches.operations(view, patch.body());
            case MERGE -> JsonPatches.merge(view, patch.body());
            case STRATEGIC -> strategic(target, view, patch.body());
            case APPLY -> throw new IllegalStateException("apply is not a plain patch");
        };
        return intake.accept(
                target,
                new Decoded(result, patch.strictErrors()),
                options,
                caller,
                text -> ApiException.invalid(
                        NO_KIND,
                        "",
                        List.of(FieldError.invalid(
                                "patch", patch.body().toString(), "strict decoding error: " + text))));
    }

    private ObjectNode strategic(Target target, ObjectNode view, JsonNode patch) {
        if (target.stored().isCustom()) {
            throw ApiException.unsupportedMediaType(List.of(
                    PatchRequest.Type.JSON.mediaType(),
                    PatchRequest.Type.MERGE.mediaType(),
                    PatchRequest.Type.APPLY.mediaType()));
        }
        return schemas.of(target.bodyKind()).strategicMerge(view, patch);
    }

    private WriteOutcome apply(Target target, PatchRequest patch, WriteOptions options, Caller caller) {
        if (options.fieldManager().isEmpty()) {
            throw ApiException.invalid(
                    OPTIONS, "", List.of(FieldError.required("fieldManager", "is required for apply patch")));
        }
        if (!(patch.body() instanceof ObjectNode applied)) {
            throw ApiException.badRequest("error decoding YAML: expected an object");
        }
        checkApplied(target, applied);
        intake.acceptApplied(target, new Decoded(applied, patch.strictErrors()), options, caller);
        if (target.isSpecial()) {
            throw ApiException.methodNotAllowed();
        }
        return writes.replaceOrCreate(
                target,
                () -> {
                    ObjectNode stored = writes.replace(
                            target,
                            latest -> new Wanted(
                                    merged(target, latest.object().deepCopy(), applied.deepCopy(), options, caller),
                                    true),
                            options,
                            caller);
                    return new WriteOutcome(subresources.view(target, stored), false);
                },
                () -> new WriteOutcome(createApplied(target, applied, options, caller), true));
    }

    /// A resourceVersion is not looked at: clients send one to say "only create", and it fails them when the object is
    /// there.
    private ObjectNode createApplied(Target target, ObjectNode applied, WriteOptions options, Caller caller) {
        if (!target.subresource().isEmpty()) {
            throw ApiException.notFound(target.spec().gvr(), target.name());
        }
        if (!Meta.uid(applied).isEmpty()) {
            throw ApiException.conflict(
                    target.spec().gvr(),
                    target.name(),
                    "uid mismatch: the provided object specified uid " + Meta.uid(applied)
                            + ", and no existing object was found");
        }
        caller.requireCreate().run();
        Meta.of(applied).remove("resourceVersion");
        ObjectNode object = merged(target, null, applied, options, caller);
        return writes.create(target, new Wanted(object, true), options, caller).object();
    }

    private ObjectNode merged(
            Target target, @Nullable ObjectNode live, ObjectNode applied, WriteOptions options, Caller caller) {
        String pinned = Meta.resourceVersion(applied);
        KindSchema schema = schemas.of(target.stored());
        ObjectNode object = schema.apply(live, applied, writes.tracking(target, options, caller), options.force());
        schema.decode(object);
        schema.applyDefaults(object);
        target.stored().applyDefaults(object);
        if (live != null) {
            Meta.of(object).put("resourceVersion", pinned.isEmpty() ? Meta.resourceVersion(live) : pinned);
        }
        return object;
    }

    private static void checkApplied(Target target, ObjectNode applied) {
        if (applied.path("apiVersion").asText("").isEmpty()
                || applied.path("kind").asText("").isEmpty()) {
            throw ApiException.badRequest(
                    "error decoding YAML: Object 'apiVersion' or 'kind' is missing in '" + applied + "'");
        }
        ObjectNode metadata = Meta.of(applied);
        if (metadata.hasNonNull("managedFields")
                && !metadata.path("managedFields").isEmpty()) {
            throw ApiException.badRequest("metadata.managedFields must be nil");
        }
        if (Meta.name(applied).isEmpty()) {
            metadata.put("name", target.name());
        }
        Intake.matchNamespace(target, applied);
        Intake.matchName(target, applied);
    }
}
