package io.insula.tenantapi.pipeline;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.auth.Authorizer;
import io.insula.tenantapi.auth.Forbidden;
import io.insula.tenantapi.registry.Caller;
import io.insula.tenantapi.registry.Created;
import io.insula.tenantapi.registry.KindRegistry;
import io.insula.tenantapi.registry.ListOptions;
import io.insula.tenantapi.registry.ObjectStore;
import io.insula.tenantapi.registry.PatchRequest;
import io.insula.tenantapi.registry.ResourceKind;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.Subresource.Effect;
import io.insula.tenantapi.registry.Subresource.Use;
import io.insula.tenantapi.registry.Target;
import io.insula.tenantapi.registry.WriteOutcome;
import io.insula.tenantapi.wire.Decoded;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Answers requests under a resource's URL, once authorized.
final class ResourceHandler {

    private final KindRegistry kinds;
    private final ObjectStore store;
    private final Authorizer authorizer;
    private final PassThrough passThrough;
    private final StandingPermissions permissions;
    private final WorkEstimate estimate;
    private final Clock clock;

    /// @param estimate hears how many objects and watchers a resource has
    ResourceHandler(
            KindRegistry kinds,
            ObjectStore store,
            Authorizer authorizer,
            PassThrough passThrough,
            StandingPermissions permissions,
            WorkEstimate estimate,
            Clock clock) {
        this.kinds = kinds;
        this.store = store;
        this.authorizer = authorizer;
        this.passThrough = passThrough;
        this.permissions = permissions;
        this.estimate = estimate;
        this.clock = clock;
    }

    void handle(Exchange exchange) {
        RequestInfo info = exchange.info();
        ResourceKind kind = kinds.find(info.gvr()).orElseThrow(ApiException::noSuchResource);
        Optional<Use> connection = connection(kind, info);
        if (exchange.request().method().equals("HEAD") && !connection.equals(Optional.of(Use.PROXY))) {
            // authorized as get, but upstream has no such route
            throw ApiException.methodNotAllowed();
        }
        boolean namespaced = kind.spec().namespaced();
        if (namespaced && info.namespace().isEmpty() && !isForAllNamespaces(info)) {
            throw ApiException.noSuchResource();
        }
        if (!namespaced && !info.namespace().isEmpty() && !info.isNamespaceItself()) {
            throw ApiException.noSuchResource();
        }
        if (!kind.deprecationWarning().isEmpty()) {
            exchange.warnings().add(kind.deprecationWarning());
        }
        var target = new Target(kind, namespaced ? info.namespace() : "", info.name(), info.subresource());
        if (connection.isPresent()) {
            if (connection.get() == Use.STREAM && target.kind() instanceof StoredKind stored) {
                ObjectNode options = stored.connectOptions(info.subresource(), exchange.query()::all);
                store.admitConnect(target, options, caller(exchange));
            }
            passThrough.handle(
                    exchange.request(), info, exchange.user(), target, new PassThroughResponder(exchange, permissions));
            return;
        }
        dispatch(exchange, target);
    }

    /// How the request wants to reach another server, if it does.
    private static Optional<Use> connection(ResourceKind kind, RequestInfo info) {
        return kind.spec()
                .findSubresource(info.subresource())
                .flatMap(sub ->
                        sub.effect() instanceof Effect.Connection(var use) ? Optional.of(use) : Optional.empty());
    }

    /// Objects of namespaced kinds live below a namespace; only collections have a URL without one.
    private static boolean isForAllNamespaces(RequestInfo info) {
        return Set.of("list", "watch").contains(info.verb());
    }

    private void dispatch(Exchange exchange, Target target) {
        switch (exchange.info().verb()) {
            case "get" -> get(exchange, target);
            case "list" -> list(exchange, target);
            case "watch" -> watch(exchange, target);
            case "create" -> create(exchange, target);
            case "update" -> update(exchange, target);
            case "patch" -> patch(exchange, target);
            case "delete" -> delete(exchange, target);
            case "deletecollection" -> deleteCollection(exchange, target);
            default -> throw ApiException.methodNotAllowed();
        }
    }

    private void get(Exchange exchange, Target target) {
        Rendering rendering = Rendering.negotiate(exchange, target);
        if (target.subresource().isEmpty() && rendering.isPlainJson() && exchange.takesText()) {
            exchange.send(200, rendering.choice().contentType(), store.text(target), Map.of());
            return;
        }
        answer(exchange, rendering, 200, store.get(target, caller(exchange)));
    }

    private void list(Exchange exchange, Target target) {
        Rendering rendering = Rendering.negotiate(exchange, target);
        ListOptions options = RequestOptions.list(exchange.query());
        if (rendering.isPlainJson() && exchange.takesText()) {
            var text = store.listText(target, options, exchange.request().acceptsGzip());
            if (text.isPresent()) {
                estimate(exchange, target, options, text.get().count());
                exchange.sendList(text.get(), rendering.choice());
                return;
            }
        }
        var page = store.list(target, options);
        estimate(exchange, target, options, page.items().size() + Math.max(0, page.remaining()));
        exchange.sendObject(200, rendering.list(page, clock.instant()), rendering.choice());
    }

    private void estimate(Exchange exchange, Target target, ListOptions options, long found) {
        if (target.namespace().isEmpty()
                && options.continueToken().isEmpty()
                && options.labelSelector().isEmpty()
                && options.fieldSelector().isEmpty()) {
            estimate.found(exchange.info().gvr(), found);
        }
    }

    private void watch(Exchange exchange, Target target) {
        Rendering rendering = Rendering.negotiate(exchange, target);
        ListOptions options = RequestOptions.list(exchange.query());
        var stream = new WatchStream(exchange, rendering, clock);
        stream.begin(
                store.watch(target, options, stream),
                estimate.watching(exchange.info().gvr()));
    }

    private void create(Exchange exchange, Target target) {
        if (!target.name().isEmpty() && target.subresource().isEmpty()) {
            throw ApiException.methodNotAllowed();
        }
        Rendering rendering = Rendering.negotiate(exchange, target);
        var options = RequestOptions.write(exchange.query(), "CreateOptions", false);
        Decoded body = Bodies.object(exchange, target.kind());
        exchange.audit().requestObject(body.object());
        Created created = store.create(target, body, options, caller(exchange));
        exchange.audit().created(Meta.name(created.object()), Meta.uid(created.object()));
        Optional<byte[]> text = created.asText();
        if (text.isPresent() && rendering.isPlainJson() && exchange.takesText()) {
            exchange.send(201, rendering.choice().contentType(), text.get(), Map.of());
        } else {
            answer(exchange, rendering, 201, created.object());
        }
    }

    private void update(Exchange exchange, Target target) {
        requireName(target);
        Rendering rendering = Rendering.negotiate(exchange, target);
        var options = RequestOptions.write(exchange.query(), "UpdateOptions", false);
        Decoded body = Bodies.object(exchange, target.kind());
        exchange.audit().requestObject(body.object());
        answer(exchange, rendering, store.update(target, body, options, caller(exchange)));
    }

    private void patch(Exchange exchange, Target target) {
        requireName(target);
        Rendering rendering = Rendering.negotiate(exchange, target);
        PatchRequest patch = Bodies.patch(exchange, target.kind());
        exchange.audit().requestObject(patch.body());
        boolean apply = patch.type() == PatchRequest.Type.APPLY;
        var options = RequestOptions.write(exchange.query(), "PatchOptions", apply);
        answer(exchange, rendering, store.patch(target, patch, options, caller(exchange)));
    }

    private void delete(Exchange exchange, Target target) {
        if (!target.subresource().isEmpty()) {
            throw ApiException.methodNotAllowed();
        }
        Rendering rendering = Rendering.negotiate(exchange, target);
        var options = RequestOptions.delete(exchange.query(), Bodies.deleteOptions(exchange));
        answer(exchange, rendering, 200, store.delete(target, options, caller(exchange)));
    }

    private void deleteCollection(Exchange exchange, Target target) {
        Rendering rendering = Rendering.negotiate(exchange, target);
        var options = RequestOptions.delete(exchange.query(), Bodies.deleteOptions(exchange));
        var page = store.deleteCollection(target, RequestOptions.list(exchange.query()), options, caller(exchange));
        exchange.sendObject(200, rendering.list(page, clock.instant()), rendering.choice());
    }

    private void answer(Exchange exchange, Rendering rendering, WriteOutcome outcome) {
        answer(exchange, rendering, outcome.created() ? 201 : 200, outcome.object());
    }

    private void answer(Exchange exchange, Rendering rendering, int status, ObjectNode object) {
        exchange.sendObject(status, rendering.object(object, clock.instant()), rendering.choice());
    }

    private Caller caller(Exchange exchange) {
        return new Caller(
                exchange.user(),
                exchange.userAgent(),
                exchange.warnings(),
                () -> requireCreate(exchange),
                exchange.audit()::annotate);
    }

    private void requireCreate(Exchange exchange) {
        var attributes = exchange.info().attributes(exchange.user(), "create");
        Authorizer.Decision decision = authorizer.authorize(attributes);
        if (!decision.allowed()) {
            throw Forbidden.of(attributes, decision);
        }
    }

    private static void requireName(Target target) {
        if (target.name().isEmpty()) {
            throw ApiException.methodNotAllowed();
        }
    }
}
