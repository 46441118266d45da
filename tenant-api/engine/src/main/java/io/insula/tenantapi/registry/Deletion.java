package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.registry.AdmissionPlugin.Operation;
import io.insula.tenantapi.registry.StoredObjects.Stored;
import io.insula.tenantapi.storage.StorageException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Deletes one object: at once, or by marking it where finalizers or a grace period hold it back.
/// Source: kubernetes/apiserver, `Store.Delete` and `rest.BeforeDelete`.
final class Deletion {

    private static final String ORPHAN = "orphan";
    private static final String FOREGROUND = "foregroundDeletion";
    private static final int ATTEMPTS = 20;

    private final StoredObjects objects;
    private final Writes writes;
    private final AdmissionChain admission;
    private final Engine.WriteListener onWrite;

    Deletion(StoredObjects objects, Writes writes, AdmissionChain admission, Engine.WriteListener onWrite) {
        this.onWrite = onWrite;
        this.objects = objects;
        this.writes = writes;
        this.admission = admission;
    }

    /// @param gone whether the object has left the store (or would have, on a dry run)
    record Outcome(ObjectNode object, boolean gone) {}

    /// Whether an update from `current` to `wanted` is the last step of a deletion.
    static boolean endsWith(StoredKind kind, JsonNode wanted, JsonNode current) {
        return Meta.isBeingDeleted(current)
                && Meta.finalizers(wanted).isEmpty()
                && !kind.holdsBack(wanted)
                && graceOf(current) == 0;
    }

    Outcome delete(Target target, DeleteOptions options, Caller caller) {
        for (int attempt = 1; ; attempt++) {
            Stored current = objects.require(target);
            try {
                return deleteOnce(target, current, options, caller);
            } catch (StorageException.Conflict e) {
                if (attempt == ATTEMPTS) {
                    throw ApiException.modified(target.spec().gvr(), target.name());
                }
            }
        }
    }

    private Outcome deleteOnce(Target target, Stored current, DeleteOptions options, Caller caller) {
        checkPreconditions(target, current.object(), options);
        var request = admission.request(Operation.DELETE, target, null, current.object(), caller, options.dryRun());
        admission.mutate(request);
        admission.validate(request);
        WriteContext context = writes.context(target, caller, options.dryRun());
        ObjectNode wanted = current.object().deepCopy();
        long grace = nextGrace(target.stored(), wanted, options);
        if (grace < 0) {
            return new Outcome(wanted, false);
        }
        setFinalizers(wanted, finalizers(target.stored(), wanted, options));
        boolean held = !Meta.finalizers(wanted).isEmpty() || target.stored().holdsBack(wanted);
        if (grace > 0 || held) {
            mark(target.stored(), wanted, grace, context.now());
            ObjectNode stored = objects.replace(target, current, wanted, options.dryRun());
            if (!options.dryRun()) {
                onWrite.written(target.stored(), stored, false);
            }
            return new Outcome(stored, false);
        }
        return remove(target, current, wanted, context);
    }

    private Outcome remove(Target target, Stored current, ObjectNode wanted, WriteContext context) {
        if (!context.dryRun()) {
            Meta.of(wanted).put("resourceVersion", Long.toString(objects.remove(current)));
            onWrite.written(target.stored(), wanted, true);
            target.stored().afterDelete(wanted, context);
        }
        return new Outcome(wanted, true);
    }

    /// The grace period to set, 0 for none, -1 when a running deletion goes on as it is (a later one may only
    /// shorten it).
    private static long nextGrace(StoredKind kind, ObjectNode object, DeleteOptions options) {
        if (!Meta.isBeingDeleted(object)) {
            return kind.gracePeriodSeconds(object, options.graceSeconds());
        }
        long running = graceOf(object);
        if (running == 0) {
            return 0;
        }
        boolean shortens = options.graceSeconds() >= 0 && options.graceSeconds() < running;
        return shortens ? options.graceSeconds() : -1;
    }

    private static void mark(StoredKind kind, ObjectNode object, long grace, Instant now) {
        ObjectNode metadata = Meta.of(object);
        if (!Meta.isBeingDeleted(object)) {
            metadata.put("deletionTimestamp", Meta.timestamp(Meta.after(now, grace)));
            if (Meta.generation(object) > 0 && !kind.isOnlyStampedAtDeletion()) {
                SystemFields.countGeneration(object);
            }
        } else if (grace < graceOf(object)) {
            // when it began and the new grace; or from now on, if it was to last as long as timestamps do
            Instant end = Instant.parse(metadata.path("deletionTimestamp").asText());
            Instant began = Meta.after(end, -graceOf(object));
            metadata.put(
                    "deletionTimestamp", Meta.timestamp(Meta.after(began.isAfter(Instant.EPOCH) ? began : now, grace)));
        }
        if (!kind.isOnlyStampedAtDeletion()) {
            metadata.put("deletionGracePeriodSeconds", grace);
        }
        kind.onDeletionBegun(object);
    }

    /// The finalizers after the policy's own two have been put right.
    private static List<String> finalizers(StoredKind kind, JsonNode object, DeleteOptions options) {
        List<String> present = Meta.finalizers(object);
        var wanted = new ArrayList<String>(present);
        wanted.removeAll(List.of(ORPHAN, FOREGROUND));
        boolean orphan = switch (options.propagation()) {
            case "Orphan" -> true;
            case "Background", "Foreground" -> false;
            default -> present.contains(ORPHAN) || (!present.contains(FOREGROUND) && kind.orphansByDefault());
        };
        boolean foreground = switch (options.propagation()) {
            case "Foreground" -> true;
            case "Background", "Orphan" -> false;
            default -> !present.contains(ORPHAN) && present.contains(FOREGROUND);
        };
        if (orphan) {
            wanted.add(ORPHAN);
        }
        if (foreground) {
            wanted.add(FOREGROUND);
        }
        return wanted;
    }

    private static void setFinalizers(ObjectNode object, List<String> finalizers) {
        if (finalizers.equals(Meta.finalizers(object))) {
            return;
        }
        if (finalizers.isEmpty()) {
            Meta.of(object).remove("finalizers");
            return;
        }
        var array = Meta.of(object).putArray("finalizers");
        finalizers.forEach(array::add);
    }

    private static void checkPreconditions(Target target, ObjectNode object, DeleteOptions options) {
        if (!options.uid().isEmpty() && !options.uid().equals(Meta.uid(object))) {
            throw ApiException.conflict(
                    target.spec().gvr(),
                    target.name(),
                    "the UID in the precondition (" + options.uid() + ") does not match the UID in record ("
                            + Meta.uid(object) + "). The object might have been deleted and then recreated");
        }
        String revision = Meta.resourceVersion(object);
        if (!options.resourceVersion().isEmpty() && !options.resourceVersion().equals(revision)) {
            throw ApiException.conflict(
                    target.spec().gvr(),
                    target.name(),
                    "the ResourceVersion in the precondition (" + options.resourceVersion()
                            + ") does not match the ResourceVersion in record (" + revision
                            + "). The object might have been modified");
        }
    }

    private static long graceOf(JsonNode object) {
        return object.path("metadata").path("deletionGracePeriodSeconds").asLong();
    }
}
