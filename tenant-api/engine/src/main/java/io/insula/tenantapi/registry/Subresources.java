package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.registry.AdmissionPlugin.Operation;
import io.insula.tenantapi.registry.Subresource.Effect;
import io.insula.tenantapi.registry.Writes.Wanted;
import java.util.function.UnaryOperator;

/// Subresources: those that the engine answers by itself (status, scale, a single field), and those that the
/// kind does ([StoredKind#subresource]).
final class Subresources {

    private final StoredObjects objects;
    private final Writes writes;
    private final Deletion deletion;
    private final AdmissionChain admission;

    Subresources(StoredObjects objects, Writes writes, Deletion deletion, AdmissionChain admission) {
        this.objects = objects;
        this.writes = writes;
        this.deletion = deletion;
        this.admission = admission;
    }

    /// @throws ApiException 404 when the kind has no such subresource, 405 when it does not take the verb
    void require(Target target, String verb) {
        if (!target.subresource().isEmpty() && !target.declared().verbs().contains(verb)) {
            throw ApiException.methodNotAllowed();
        }
    }

    ObjectNode get(Target target, Caller caller) {
        require(target, "get");
        if (target.isSpecial() && !target.bodyKind().equals(target.spec().kind())) {
            return call(target, "get", Json.object(), WriteOptions.DEFAULT, caller);
        }
        return view(target, objects.require(target).object());
    }

    /// The main object as the subresource shows it.
    ObjectNode view(Target target, ObjectNode object) {
        return target.effect() instanceof Effect.Scale ? Scales.of(target.stored(), object) : object;
    }

    /// The main object that a body sent to the subresource asks for.
    ObjectNode merge(Target target, ObjectNode current, ObjectNode body) {
        return target.effect() instanceof Effect.Scale ? Scales.apply(target.stored(), current, body) : body;
    }

    /// Lets the kind answer.
    ObjectNode call(Target target, String verb, ObjectNode body, WriteOptions options, Caller caller) {
        ObjectNode current = objects.require(target).object();
        if (verb.equals("create")) {
            var request = admission.request(Operation.CREATE, target, body, null, caller, options.dryRun());
            admission.mutate(request);
            admission.validate(request);
        }
        return target.stored()
                .subresource(new SubresourceRequest(
                        target.subresource(),
                        verb,
                        current,
                        body,
                        new MainObject(target, options, caller),
                        writes.context(target, caller, options.dryRun())));
    }

    /// Writes the main object for a kind's subresource.
    private final class MainObject implements SubresourceRequest.Store {
        private final Target target;
        private final WriteOptions options;
        private final Caller caller;

        MainObject(Target target, WriteOptions options, Caller caller) {
            this.target = target;
            this.options = options;
            this.caller = caller;
        }

        @Override
        public ObjectNode update(UnaryOperator<ObjectNode> change) {
            return replace(change, false);
        }

        @Override
        public ObjectNode note(UnaryOperator<ObjectNode> change) {
            return replace(change, true);
        }

        private ObjectNode replace(UnaryOperator<ObjectNode> change, boolean tracked) {
            return writes.replace(
                    target, current -> new Wanted(change.apply(current.object().deepCopy()), tracked), options, caller);
        }

        @Override
        public ObjectNode delete(ObjectNode deleteOptions) {
            Target main = target.withSubresource("");
            var asked = DeleteOptions.of(deleteOptions);
            return deletion.delete(main, options.dryRun() ? asked.dry() : asked, caller)
                    .object();
        }
    }
}
