package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.registry.StoredObjects.Stored;
import io.insula.tenantapi.registry.Writes.Wanted;
import io.insula.tenantapi.storage.Storage.Freshness;
import io.insula.tenantapi.storage.StorageException;
import io.insula.tenantapi.wire.Decoded;
import java.util.ArrayList;
import java.util.Optional;
import java.util.function.Supplier;

/// The one generic store of one tenant: every kind's objects, created, read, changed, deleted, listed and watched in
/// the order that Kubernetes prescribes. It authorizes nobody: who calls it has done so.
///
/// Thread-safe. Calls block their (virtual) thread. All failures are [ApiException]s.
public final class ObjectStore {

    private final StoredObjects objects;
    private final Intake intake;
    private final Writes writes;
    private final Deletion deletion;
    private final Subresources subresources;
    private final Patches patches;
    private final Listing listing;
    private final Watching watching;
    private final AdmissionChain admission;
    private final Observed observed;

    public ObjectStore(Engine engine) {
        admission = new AdmissionChain(
                engine.plugins(), engine.client(), engine.services().authorizer());
        objects = new StoredObjects(engine);
        intake = new Intake(engine.schemas());
        writes = new Writes(engine, objects, admission);
        deletion = new Deletion(objects, writes, admission, engine.onWrite());
        subresources = new Subresources(objects, writes, deletion, admission);
        patches = new Patches(engine.schemas(), objects, intake, writes, subresources);
        listing = new Listing(engine.storage(), objects, engine.scheduler());
        watching = new Watching(engine, objects, listing);
        observed = new Observed(engine.services());
    }

    /// The object, or what the target's subresource shows of it.
    ///
    /// @throws ApiException 404
    public ObjectNode get(Target target, Caller caller) {
        requireVerb(target, "get");
        if (target.kind() instanceof ObservedKind kind) {
            return observed.get(kind, target);
        }
        return target.subresource().isEmpty() ? objects.require(target).object() : subresources.get(target, caller);
    }

    /// The object in JSON, as [#get] of the main resource answers it.
    ///
    /// @throws ApiException 404
    public byte[] text(Target target) {
        requireVerb(target, "get");
        if (target.kind() instanceof ObservedKind kind) {
            return Json.bytes(observed.get(kind, target));
        }
        return objects.text(
                target.stored(),
                objects.read(target, Freshness.LATEST)
                        .orElseThrow(() -> ApiException.notFound(target.spec().gvr(), target.name())));
    }

    /// A whole collection in JSON, as [#list] answers it.
    ///
    /// @param gzip whether the client takes it packed
    /// @return empty where the options ask for a part, or for a certain revision, and for kinds that are not stored
    public Optional<TextPage> listText(Target target, ListOptions options, boolean gzip) {
        requireVerb(target, "list");
        if (target.kind() instanceof ObservedKind) {
            return Optional.empty();
        }
        return guard(() -> listing.text(target, options, gzip));
    }

    /// The object for a decision of the server itself.
    public Optional<ObjectNode> find(Target target, Freshness freshness) {
        if (target.kind() instanceof ObservedKind kind) {
            return observed.find(kind, target);
        }
        return objects.find(target, freshness).map(Stored::object);
    }

    /// @param target a collection
    public ObjectPage list(Target target, ListOptions options, Freshness freshness) {
        if (target.kind() instanceof ObservedKind kind) {
            return observed.list(kind, target, options);
        }
        return guard(() -> listing.list(target, options, freshness));
    }

    /// @param target a collection; with a name, only that object
    public ObjectPage list(Target target, ListOptions options) {
        requireVerb(target, "list");
        return target.kind() instanceof ObservedKind kind
                ? observed.list(kind, target, options)
                : guard(() -> listing.list(target, options));
    }

    /// Starts a watch. What can be refused is refused before this returns; initial events have been sent by then.
    ///
    /// @return ends the watch; idempotent
    public Watch watch(Target target, ListOptions options, WatchSink sink) {
        requireVerb(target, "watch");
        ObjectWatch watch = guard(() -> watching.start(target, options, sink));
        return watch::close;
    }

    /// A running watch.
    @FunctionalInterface
    public interface Watch extends AutoCloseable {
        @Override
        void close();
    }

    /// Creates an object, or calls a subresource that takes POST (then the target has a name).
    ///
    public Created create(Target target, Decoded body, WriteOptions options, Caller caller) {
        if (!target.subresource().isEmpty()) {
            subresources.require(target, "create");
            ObjectNode object = intake.accept(target, body, options, caller);
            return Created.unstored(guard(() -> subresources.call(target, "create", object, options, caller)));
        }
        requireVerb(target, "create");
        ObjectNode object = intake.accept(target, body, options, caller);
        if (target.kind() instanceof ReviewKind kind) {
            Intake.matchNamespace(target, object);
            return Created.unstored(kind.review(object, writes.context(target, caller, options.dryRun())));
        }
        return guard(() -> writes.create(target, new Wanted(object, false), options, caller));
    }

    /// PUT: replaces, or creates where the kind allows it.
    public WriteOutcome update(Target target, Decoded body, WriteOptions options, Caller caller) {
        requireVerb(target, "update");
        subresources.require(target, "update");
        ObjectNode object = intake.accept(target, body, options, caller);
        Intake.matchNamespace(target, object);
        Intake.matchName(target, object);
        return guard(() -> replace(target, object, options, caller));
    }

    private WriteOutcome replace(Target target, ObjectNode object, WriteOptions options, Caller caller) {
        if (target.isSpecial()) {
            return new WriteOutcome(subresources.call(target, "update", object, options, caller), false);
        }
        Supplier<WriteOutcome> replace = () -> {
            ObjectNode stored = writes.replace(
                    target,
                    current -> new Wanted(subresources.merge(target, current.object(), object.deepCopy()), false),
                    options,
                    caller);
            return new WriteOutcome(subresources.view(target, stored), false);
        };
        boolean mayCreate = target.subresource().isEmpty() && target.spec().createOnUpdate();
        return mayCreate
                ? writes.replaceOrCreate(target, replace, () -> createInstead(target, object, options, caller))
                : replace.get();
    }

    private WriteOutcome createInstead(Target target, ObjectNode object, WriteOptions options, Caller caller) {
        if (!Meta.uid(object).isEmpty()) {
            throw ApiException.conflict(
                    target.spec().gvr(),
                    target.name(),
                    "Precondition failed: UID in precondition: " + Meta.uid(object) + ", UID in object meta: ");
        }
        caller.requireCreate().run();
        Meta.of(object).remove("resourceVersion");
        return new WriteOutcome(
                writes.create(target, new Wanted(object, false), options, caller)
                        .object(),
                true);
    }

    public WriteOutcome patch(Target target, PatchRequest patch, WriteOptions options, Caller caller) {
        requireVerb(target, "patch");
        subresources.require(target, "patch");
        return guard(() -> patches.patch(target, patch, options, caller));
    }

    /// Runs admission of a connection to an object (exec, attach, port-forward, proxy), which the engine
    /// itself does not serve.
    ///
    /// @param options what the URL asks for, e.g. a `PodExecOptions`
    /// @throws ApiException 404 for a missing object, or what admission refuses with
    public void admitConnect(Target target, ObjectNode options, Caller caller) {
        guard(() -> objects.require(target.withSubresource("")));
        var request = admission.request(AdmissionPlugin.Operation.CONNECT, target, options, null, caller, false);
        admission.mutate(request);
        admission.validate(request);
    }

    /// Deletes one object.
    ///
    /// @return the object where it lingers or the kind answers it, else a `Status`
    public ObjectNode delete(Target target, DeleteOptions options, Caller caller) {
        requireVerb(target, "delete");
        Deletion.Outcome outcome = guard(() -> deletion.delete(target, options, caller));
        boolean asObject = !outcome.gone() || target.stored().returnsDeletedObject();
        return asObject ? outcome.object() : gone(target, outcome.object());
    }

    /// Deletes what a list shows, one by one.
    ///
    /// @return what was deleted
    public ObjectPage deleteCollection(Target target, ListOptions list, DeleteOptions options, Caller caller) {
        requireVerb(target, "deletecollection");
        ObjectPage page = guard(() -> listing.list(target, list));
        var deleted = new ArrayList<ObjectNode>();
        for (ObjectNode object : page.items()) {
            Target one = new Target(target.kind(), Meta.namespace(object), Meta.name(object), "");
            try {
                deleted.add(guard(() -> deletion.delete(one, options.withoutPreconditions(), caller))
                        .object());
            } catch (ApiException e) {
                if (!e.is("NotFound")) {
                    throw e;
                }
            }
        }
        return new ObjectPage(page.resourceVersion(), deleted, page.continueToken(), page.remaining());
    }

    private static void requireVerb(Target target, String verb) {
        if (target.subresource().isEmpty() && !target.spec().verbs().contains(verb)) {
            throw ApiException.methodNotAllowed();
        }
    }

    private static <T> T guard(Supplier<T> call) {
        try {
            return call.get();
        } catch (StorageException e) {
            throw StorageErrors.toApi(e);
        }
    }

    private static ObjectNode gone(Target target, ObjectNode object) {
        ObjectNode status = Json.object().put("kind", "Status").put("apiVersion", "v1");
        status.putObject("metadata");
        status.put("status", "Success");
        ObjectNode details = status.putObject("details").put("name", target.name());
        if (!target.spec().kind().group().isEmpty()) {
            details.put("group", target.spec().kind().group());
        }
        details.put("kind", target.spec().resource()).put("uid", Meta.uid(object));
        return status;
    }
}
