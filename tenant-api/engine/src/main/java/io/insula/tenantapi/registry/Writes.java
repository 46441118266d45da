package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.apply.FieldSet;
import io.insula.tenantapi.registry.AdmissionPlugin.Operation;
import io.insula.tenantapi.registry.KindSchema.Tracking;
import io.insula.tenantapi.registry.StoredObjects.Stored;
import io.insula.tenantapi.registry.Subresource.Effect;
import io.insula.tenantapi.storage.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/// The order of every create and update, from a decoded object to the store.
/// Source: kubernetes/apiserver, `registry/generic/registry/store.go`.
final class Writes {

    private static final int NAME_ATTEMPTS = 8;
    static final int UPDATE_ATTEMPTS = 20;

    private final Engine engine;
    private final StoredObjects objects;
    private final AdmissionChain admission;

    Writes(Engine engine, StoredObjects objects, AdmissionChain admission) {
        this.engine = engine;
        this.objects = objects;
        this.admission = admission;
    }

    /// The object that should be stored in place of the current one (a copy of which the function gets), with what
    /// remains to be done to it.
    ///
    /// @param tracked whether managedFields are done already (server-side apply)
    record Wanted(ObjectNode object, boolean tracked) {}

    WriteContext context(Target target, Caller caller, boolean dryRun) {
        return new WriteContext(
                caller.user(),
                target.subresource(),
                dryRun,
                engine.clock().instant(),
                engine.client().get(),
                engine.services(),
                caller.warnings());
    }

    Tracking tracking(Target target, WriteOptions options, Caller caller) {
        return new Tracking(
                caller.manager(options.fieldManager()),
                target.spec().kind().apiVersion(),
                target.subresource(),
                engine.clock().instant(),
                ignored(target));
    }

    /// Fields of an endpoint that it does not take belong to nobody who sends them there.
    private static FieldSet ignored(Target target) {
        if (target.effect() instanceof Effect.Status(var metadata)) {
            return Effect.Status.METADATA.stream()
                    .filter(field -> !metadata.contains(field))
                    .map(field -> FieldSet.of("metadata." + field))
                    .reduce(FieldSet.of("spec"), FieldSet::union);
        }
        return target.spec().hasStatus() ? FieldSet.of("status") : FieldSet.of();
    }

    /// Creates a decoded, defaulted object.
    Created create(Target target, Wanted wanted, WriteOptions options, Caller caller) {
        ObjectNode object = wanted.object();
        Intake.matchNamespace(target, object);
        if (!Meta.resourceVersion(object).isEmpty()) {
            throw ApiException.of(500, "", "resourceVersion should not be set on objects to be created");
        }
        SystemFields.dedupeOwners(object, caller.warnings());
        if (!wanted.tracked()) {
            engine.schemas().of(target.stored()).trackUpdate(null, object, tracking(target, options, caller));
        }
        Target named = target.withName(Meta.name(object));
        admission.mutate(admission.request(Operation.CREATE, named, object, null, caller, options.dryRun()));
        if (!SystemFields.generatesName(object)) {
            return store(target, object, options, caller);
        }
        for (int attempt = 1; ; attempt++) {
            ObjectNode copy = object.deepCopy();
            SystemFields.generateName(copy);
            try {
                return store(target, copy, options, caller);
            } catch (ApiException e) {
                if (!e.is("AlreadyExists")) {
                    throw e;
                }
                if (attempt == NAME_ATTEMPTS) {
                    throw noUniqueName(target, copy);
                }
            }
        }
    }

    private Created store(Target target, ObjectNode object, WriteOptions options, Caller caller) {
        StoredKind kind = target.stored();
        WriteContext context = context(target, caller, options.dryRun());
        SystemFields.onCreate(kind.spec(), object, context.now());
        kind.prepareForCreate(object, context);
        if (kind.spec().hasStatus()) {
            engine.schemas().of(kind).completeStatus(object);
        }
        Target named = target.withName(Meta.name(object));
        var errors = new ArrayList<FieldError>(MetadataRules.onCreate(engine.kinds(), kind, object));
        errors.addAll(engine.schemas().of(kind).validate(object, null, caller.warnings()));
        errors.addAll(kind.validateCreate(object, context));
        refuse(target, named.name(), errors);
        caller.warnings().addAll(MetadataRules.warnings(object));
        caller.warnings().addAll(kind.warnings(object, null));
        admission.validate(admission.request(Operation.CREATE, named, object, null, caller, options.dryRun()));
        if (options.dryRun()) {
            if (objects.find(named).isPresent()) {
                throw ApiException.alreadyExists(kind.spec().gvr(), named.name());
            }
            return Created.unstored(object);
        }
        try {
            Created stored = objects.create(named, object);
            engine.onWrite().written(kind, stored.object(), false);
            return stored;
        } catch (StorageException.KeyExists e) {
            throw ApiException.alreadyExists(kind.spec().gvr(), named.name());
        }
    }

    /// Replaces the object that `target` names by what `change` makes of the current one, again with the latest where
    /// somebody else was faster. Who asks for a certain resourceVersion gets the conflict instead.
    ///
    /// The first attempt takes what is at hand: the store's comparison tells whether that was the latest. Where
    /// nothing is written nothing is compared: a refusal, a dry run and the finding that nothing changes count of
    /// the latest only. A write that fails is not tried again: it may have been made.
    /// Source: kubernetes/apiserver, `storage/etcd3/store.go`, `GuaranteedUpdate`.
    ObjectNode replace(Target target, Function<Stored, Wanted> change, WriteOptions options, Caller caller) {
        int told = caller.warnings().size();
        Stored current = objects.begin(target);
        boolean isLatest = false;
        for (int attempt = 1; ; attempt++) {
            switch (decide(target, current, change, options, caller)) {
                case Decision.Write write -> {
                    try {
                        return carryOut(target, current, write);
                    } catch (StorageException.Conflict e) {
                        if (attempt == UPDATE_ATTEMPTS) {
                            throw ApiException.modified(target.spec().gvr(), target.name());
                        }
                    }
                }
                case Decision.Nothing(var object) -> {
                    if (isLatest || isLatest(target, current)) {
                        if (!options.dryRun()) {
                            engine.onWrite().written(target.stored(), object, false);
                        }
                        return object;
                    }
                }
                case Decision.Refusal(var why) -> {
                    if (isLatest || isLatest(target, current)) {
                        throw why;
                    }
                }
            }
            while (caller.warnings().size() > told) {
                caller.warnings().removeLast();
            }
            current = objects.require(target);
            isLatest = true;
        }
    }

    /// Replaces what is there or creates what is not. What is at hand may be gone by now, which `replace` finds.
    WriteOutcome replaceOrCreate(Target target, Supplier<WriteOutcome> replace, Supplier<WriteOutcome> create) {
        if (!objects.isThere(target)) {
            return create.get();
        }
        try {
            return replace.get();
        } catch (ApiException e) {
            if (!e.is("NotFound") || objects.find(target).isPresent()) {
                throw e;
            }
            return create.get();
        }
    }

    private boolean isLatest(Target target, Stored seen) {
        return objects.require(target).revision() == seen.revision();
    }

    /// What an update of one state of an object comes to.
    private sealed interface Decision {

        /// @param isLast whether the object ends with it
        record Write(ObjectNode wanted, boolean isLast, WriteContext context) implements Decision {}

        /// Nothing is to be written.
        record Nothing(ObjectNode object) implements Decision {}

        record Refusal(ApiException why) implements Decision {}
    }

    private Decision decide(
            Target target, Stored current, Function<Stored, Wanted> change, WriteOptions options, Caller caller) {
        try {
            return decision(target, current, change.apply(current), options, caller);
        } catch (ApiException e) {
            return new Decision.Refusal(e);
        }
    }

    private Decision decision(Target target, Stored current, Wanted asked, WriteOptions options, Caller caller) {
        StoredKind kind = target.stored();
        ObjectNode old = current.object();
        WriteContext context = context(target, caller, options.dryRun());
        checkPreconditions(target, current, asked.object());
        ObjectNode wanted = separate(target, asked.object(), old);
        SystemFields.dedupeOwners(wanted, caller.warnings());
        SystemFields.onUpdate(wanted, old);
        if (!asked.tracked()) {
            engine.schemas().of(kind).trackUpdate(old, wanted, tracking(target, options, caller));
        }
        admission.mutate(admission.request(Operation.UPDATE, target, wanted, old, caller, options.dryRun()));
        kind.prepareForUpdate(wanted, old, context);
        if (target.effect() instanceof Effect.Status) {
            engine.schemas().of(kind).completeStatus(wanted);
        }
        if (target.isCounted() && SystemFields.specChanged(target.spec(), wanted, old)) {
            SystemFields.countGeneration(wanted);
        }
        var errors = new ArrayList<FieldError>(MetadataRules.onUpdate(engine.kinds(), wanted, old));
        errors.addAll(engine.schemas().of(kind).validate(wanted, old, caller.warnings()));
        errors.addAll(kind.validateUpdate(wanted, old, context));
        refuse(target, target.name(), errors);
        if (target.subresource().isEmpty()) {
            caller.warnings().addAll(kind.warnings(wanted, old));
        }
        admission.validate(admission.request(Operation.UPDATE, target, wanted, old, caller, options.dryRun()));
        boolean isLast = Deletion.endsWith(kind, wanted, old);
        if (!isLast) {
            Tracked.keepTimesIfUnchanged(old, wanted);
        }
        return options.dryRun() || (!isLast && !objects.changes(target, current, wanted))
                ? new Decision.Nothing(StoredObjects.at(current.revision(), wanted))
                : new Decision.Write(wanted, isLast, context);
    }

    /// An update that takes away the last finalizer of a deleted object removes it.
    private ObjectNode carryOut(Target target, Stored current, Decision.Write write) {
        StoredKind kind = target.stored();
        ObjectNode wanted = write.wanted();
        if (!write.isLast()) {
            engine.onWrite().written(kind, objects.update(target, current, wanted), false);
            return wanted;
        }
        StoredObjects.at(objects.remove(current), wanted);
        engine.onWrite().written(kind, wanted, true);
        kind.afterDelete(wanted, write.context());
        return wanted;
    }

    private static ObjectNode separate(Target target, ObjectNode wanted, ObjectNode old) {
        return switch (target.effect()) {
            case Effect.Status(var metadata) -> SystemFields.onlyStatus(wanted, old, metadata);
            case Effect.Field(var path) -> SystemFields.onlyField(wanted, old, path);
            case Effect.Main _ -> {
                if (target.spec().hasStatus()) {
                    SystemFields.keepStatus(wanted, old);
                }
                yield wanted;
            }
            case Effect.Scale _, Effect.OfKind _, Effect.Virtual _, Effect.Connection _ -> wanted;
        };
    }

    private static void checkPreconditions(Target target, Stored current, ObjectNode wanted) {
        KindSpec spec = target.spec();
        String uid = Meta.uid(wanted);
        String currentUid = Meta.uid(current.object());
        if (!uid.isEmpty() && !uid.equals(currentUid)) {
            throw ApiException.conflict(
                    spec.gvr(),
                    target.name(),
                    "Precondition failed: UID in precondition: " + uid + ", UID in object meta: " + currentUid);
        }
        String revision = Meta.resourceVersion(wanted);
        if (revision.isEmpty() || revision.equals("0")) {
            if (!spec.unconditionalUpdate()) {
                throw ApiException.invalid(
                        spec.kind(),
                        target.name(),
                        List.of(FieldError.invalid("metadata.resourceVersion", 0, "must be specified for an update")));
            }
            Meta.of(wanted).put("resourceVersion", Meta.resourceVersion(current.object()));
        } else if (!revision.equals(Meta.resourceVersion(current.object()))) {
            throw ApiException.modified(spec.gvr(), target.name());
        }
    }

    private static void refuse(Target target, String name, List<FieldError> errors) {
        if (!errors.isEmpty()) {
            throw ApiException.invalid(target.spec().kind(), name, errors);
        }
    }

    private static ApiException noUniqueName(Target target, ObjectNode object) {
        KindSpec spec = target.spec();
        ObjectNode status = ApiException.alreadyExists(spec.gvr(), Meta.name(object))
                .status()
                .deepCopy();
        status.put(
                "message",
                status.path("message").asText() + ", the server was not able to generate a unique name for the object");
        return ApiException.ofStatus(status);
    }
}
