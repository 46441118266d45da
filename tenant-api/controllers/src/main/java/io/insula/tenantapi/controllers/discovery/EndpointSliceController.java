package io.insula.tenantapi.controllers.discovery;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Outcome;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.Expectations;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.ObjectEvent;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.controllers.objects.Owners;
import io.insula.tenantapi.ports.ObjectClient;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Keeps the EndpointSlices of each Service with a selector: one row of slices for each set of ports, up to a hundred
/// endpoints in a slice. Slices go with their Service by the garbage collector.
/// Source: kubernetes, `staging/src/k8s.io/endpointslice`.
final class EndpointSliceController implements Controller {

    private static final int SLICE_SIZE = 100;
    private static final String MANAGER = "endpointslice-controller.k8s.io";

    private final ObjectClient client;
    private final Store services;
    private final Store pods;
    private final Store slices;
    private final Expectations expectations;

    private EndpointSliceController(ControllerContext context) {
        this.client = context.client();
        this.services = context.store(Resources.SERVICES);
        this.pods = context.store(Resources.PODS);
        this.slices = context.store(Resources.ENDPOINT_SLICES);
        this.expectations = new Expectations(context.clock());
    }

    @Singleton
    static final class Factory implements ControllerFactory {
        @Override
        public String name() {
            return "endpointslice-controller";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new EndpointSliceController(context);
        }
    }

    @Override
    public ControllerSpec spec() {
        return ControllerSpec.of(Resources.SERVICES)
                .watch(Resources.PODS, event -> Backends.servicesOf(event, services))
                .watch(Resources.ENDPOINT_SLICES, this::serviceOf)
                .workers(5);
    }

    @Override
    public Outcome reconcile(Key key) {
        Optional<ObjectNode> found = services.get(key);
        if (found.isEmpty()) {
            expectations.forget(key);
            return Outcome.SETTLED;
        }
        ObjectNode service = found.get();
        boolean ours = Backends.isSelecting(service) && !Meta.isBeingDeleted(service);
        if (!ours || !expectations.satisfied(key)) {
            return Outcome.SETTLED; // the awaited event brings the key back
        }
        List<ObjectNode> free = slices.inNamespace(key.namespace()).stream()
                .filter(slice ->
                        isOurs(slice) && key.name().equals(Meta.labels(slice).get(WellKnownKeys.SERVICE_NAME)))
                .filter(slice -> !Meta.isBeingDeleted(slice))
                .sorted(Comparator.comparing(Meta::name))
                .toList();
        write(key, free, wanted(service));
        return Outcome.SETTLED;
    }

    private List<ObjectNode> wanted(ObjectNode service) {
        var wanted = new ArrayList<ObjectNode>();
        List<Backends.Backend> all = Backends.of(service, pods.inNamespace(Meta.namespace(service)));
        for (List<Backends.Backend> group : Backends.byPorts(all).values()) {
            for (int from = 0; from < group.size(); from += SLICE_SIZE) {
                wanted.add(slice(service, group.subList(from, Math.min(group.size(), from + SLICE_SIZE))));
            }
        }
        if (wanted.isEmpty()) {
            wanted.add(slice(service, List.of())); // a Service always has at least one slice
        }
        return wanted;
    }

    /// Slices that already are as wanted stay; others are filled anew, made or deleted.
    private void write(Key key, List<ObjectNode> current, List<ObjectNode> wanted) {
        var free = new ArrayList<>(current);
        var left = new ArrayList<ObjectNode>();
        for (ObjectNode slice : wanted) {
            Optional<ObjectNode> same =
                    free.stream().filter(s -> sameContent(s, slice)).findFirst();
            same.ifPresentOrElse(free::remove, () -> left.add(slice));
        }
        for (ObjectNode slice : left) {
            if (free.isEmpty()) {
                create(key, slice);
            } else {
                update(free.removeFirst(), slice);
            }
        }
        free.forEach(slice -> delete(key, slice));
    }

    private void create(Key key, ObjectNode slice) {
        expectations.expectCreations(key, 1);
        try {
            client.create(Resources.ENDPOINT_SLICES, key.namespace(), slice);
        } catch (RuntimeException e) {
            expectations.created(key);
            throw e;
        }
    }

    private void update(ObjectNode current, ObjectNode wanted) {
        ObjectNode changed = current.deepCopy();
        changed.set("endpoints", wanted.path("endpoints"));
        changed.set("ports", wanted.path("ports"));
        Meta.of(changed).set("labels", wanted.path("metadata").path("labels"));
        client.update(Resources.ENDPOINT_SLICES, Meta.namespace(current), "", changed);
    }

    private void delete(Key key, ObjectNode slice) {
        expectations.expectDeletion(key, Meta.uid(slice));
        ObjectNode options = Json.object();
        options.putObject("preconditions").put("uid", Meta.uid(slice));
        try {
            client.delete(Resources.ENDPOINT_SLICES, Meta.namespace(slice), Meta.name(slice), options);
        } catch (ApiException e) {
            expectations.deleted(key, Meta.uid(slice));
            if (!e.is("NotFound")) {
                throw e;
            }
        }
    }

    private static boolean sameContent(ObjectNode current, ObjectNode wanted) {
        return text(current, "endpoints").equals(text(wanted, "endpoints"))
                && text(current, "ports").equals(text(wanted, "ports"))
                && Meta.labels(current).equals(Meta.labels(wanted));
    }

    private static String text(ObjectNode slice, String field) {
        return slice.path(field).isArray() ? slice.path(field).toString() : "[]";
    }

    private static ObjectNode slice(ObjectNode service, List<Backends.Backend> backends) {
        ObjectNode slice =
                Json.object().put("apiVersion", "discovery.k8s.io/v1").put("kind", "EndpointSlice");
        ObjectNode meta = slice.putObject("metadata");
        meta.put("generateName", Meta.name(service) + "-").put("namespace", Meta.namespace(service));
        ObjectNode labels = meta.putObject("labels");
        Meta.labels(service).forEach(labels::put);
        labels.put(WellKnownKeys.SERVICE_NAME, Meta.name(service)).put(WellKnownKeys.SLICE_MANAGER, MANAGER);
        if (Backends.isHeadless(service)) {
            labels.put(WellKnownKeys.HEADLESS, "");
        }
        meta.putArray("ownerReferences").add(Owners.controllerReference(service));
        slice.put("addressType", "IPv4");
        ArrayNode endpoints = slice.putArray("endpoints");
        backends.forEach(b -> endpoints.add(endpoint(service, b)));
        slice.set(
                "ports",
                backends.isEmpty()
                        ? Json.MAPPER.createArrayNode()
                        : backends.getFirst().ports());
        return slice;
    }

    private static ObjectNode endpoint(ObjectNode service, Backends.Backend backend) {
        ObjectNode endpoint = Json.object();
        endpoint.putArray("addresses").add(backend.ip());
        endpoint.putObject("conditions")
                .put("ready", backend.ready())
                .put("serving", backend.serving())
                .put("terminating", backend.terminating());
        String hostname = Backends.hostname(service, backend.pod());
        if (!hostname.isEmpty()) {
            endpoint.put("hostname", hostname);
        }
        endpoint.set("targetRef", Backends.podReference(backend.pod()));
        String node = backend.pod().path("spec").path("nodeName").asText("");
        if (!node.isEmpty()) {
            endpoint.put("nodeName", node);
        }
        return endpoint;
    }

    private static boolean isOurs(ObjectNode slice) {
        return MANAGER.equals(Meta.labels(slice).get(WellKnownKeys.SLICE_MANAGER));
    }

    private Collection<Key> serviceOf(ObjectEvent event) {
        ObjectNode slice = event.object();
        String service = Meta.labels(slice).getOrDefault(WellKnownKeys.SERVICE_NAME, "");
        if (!isOurs(slice) || service.isEmpty()) {
            return List.of();
        }
        Key key = new Key(Meta.namespace(slice), service);
        switch (event) {
            case ObjectEvent.Added(var _) -> expectations.created(key);
            case ObjectEvent.Updated(var _, var _) -> {}
            case ObjectEvent.Deleted(var _) -> expectations.deleted(key, Meta.uid(slice));
        }
        return List.of(key);
    }
}
