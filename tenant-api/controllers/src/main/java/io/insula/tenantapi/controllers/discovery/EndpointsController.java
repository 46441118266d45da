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
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.ports.ObjectClient;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;

/// Keeps the Endpoints of each Service with a selector. Source: kubernetes, `pkg/controller/endpoint`.
final class EndpointsController implements Controller {

    private final ObjectClient client;
    private final Store services;
    private final Store pods;
    private final Store endpoints;

    private EndpointsController(ControllerContext context) {
        this.client = context.client();
        this.services = context.store(Resources.SERVICES);
        this.pods = context.store(Resources.PODS);
        this.endpoints = context.store(Resources.ENDPOINTS);
    }

    @Singleton
    static final class Factory implements ControllerFactory {
        @Override
        public String name() {
            return "endpoint-controller";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new EndpointsController(context);
        }
    }

    @Override
    public ControllerSpec spec() {
        return ControllerSpec.of(Resources.SERVICES)
                .watch(Resources.PODS, event -> Backends.servicesOf(event, services))
                .watch(Resources.ENDPOINTS, event -> List.of(Key.of(event.object())))
                .workers(5);
    }

    @Override
    public Outcome reconcile(Key key) {
        Optional<ObjectNode> service = services.get(key);
        Optional<ObjectNode> current = endpoints.get(key);
        if (service.isEmpty()) {
            current.filter(e -> Meta.labels(e).containsKey(WellKnownKeys.ENDPOINTS_MANAGER))
                    .ifPresent(this::delete);
            return Outcome.SETTLED;
        }
        if (!Backends.isSelecting(service.get()) || Meta.isBeingDeleted(service.get())) {
            return Outcome.SETTLED;
        }
        ObjectNode wanted = wanted(service.get());
        if (current.isEmpty()) {
            client.create(Resources.ENDPOINTS, key.namespace(), wanted);
        } else if (!current.get()
                        .path("subsets")
                        .toString()
                        .equals(wanted.path("subsets").toString())
                || !Meta.labels(current.get()).equals(Meta.labels(wanted))) {
            update(current.get(), wanted);
        }
        return Outcome.SETTLED;
    }

    private void update(ObjectNode current, ObjectNode wanted) {
        ObjectNode changed = current.deepCopy();
        if (wanted.has("subsets")) {
            changed.set("subsets", wanted.get("subsets"));
        } else {
            changed.remove("subsets");
        }
        Meta.of(changed).set("labels", wanted.path("metadata").path("labels"));
        client.update(Resources.ENDPOINTS, Meta.namespace(current), "", changed);
    }

    private void delete(ObjectNode gone) {
        ObjectNode options = Json.object();
        options.putObject("preconditions").put("uid", Meta.uid(gone));
        try {
            client.delete(Resources.ENDPOINTS, Meta.namespace(gone), Meta.name(gone), options);
        } catch (ApiException e) {
            if (!e.is("NotFound")) {
                throw e;
            }
        }
    }

    private ObjectNode wanted(ObjectNode service) {
        ObjectNode wanted = Json.object().put("apiVersion", "v1").put("kind", "Endpoints");
        ObjectNode meta = wanted.putObject("metadata");
        meta.put("name", Meta.name(service)).put("namespace", Meta.namespace(service));
        ObjectNode labels = meta.putObject("labels");
        Meta.labels(service).forEach(labels::put);
        labels.put(WellKnownKeys.ENDPOINTS_MANAGER, "endpoint-controller");
        if (Backends.isHeadless(service)) {
            labels.put(WellKnownKeys.HEADLESS, "");
        }
        ArrayNode subsets = Json.MAPPER.createArrayNode();
        List<Backends.Backend> live = Backends.of(service, pods.inNamespace(Meta.namespace(service))).stream()
                .filter(b -> !b.terminating() || b.ready())
                .toList();
        Backends.byPorts(live).values().forEach(group -> addSubset(subsets, service, group));
        if (!subsets.isEmpty()) {
            wanted.set("subsets", subsets);
        }
        return wanted;
    }

    private static void addSubset(ArrayNode subsets, ObjectNode service, List<Backends.Backend> group) {
        ArrayNode ports = group.getFirst().ports().deepCopy();
        if (ports.isEmpty() && !Backends.isHeadless(service)) {
            return;
        }
        ArrayNode ready = Json.MAPPER.createArrayNode();
        ArrayNode notReady = Json.MAPPER.createArrayNode();
        group.stream()
                .sorted((a, b) -> a.ip().compareTo(b.ip()))
                .forEach(b -> (b.ready() ? ready : notReady).add(address(service, b)));
        ObjectNode subset = subsets.addObject();
        if (!ready.isEmpty()) {
            subset.set("addresses", ready);
        }
        if (!notReady.isEmpty()) {
            subset.set("notReadyAddresses", notReady);
        }
        if (!ports.isEmpty()) {
            ports.forEach(port -> {
                if (port.path("name").asText().isEmpty()) {
                    ((ObjectNode) port).remove("name");
                }
            });
            subset.set("ports", ports);
        }
    }

    private static ObjectNode address(ObjectNode service, Backends.Backend backend) {
        ObjectNode address = Json.object().put("ip", backend.ip());
        String hostname = Backends.hostname(service, backend.pod());
        if (!hostname.isEmpty()) {
            address.put("hostname", hostname);
        }
        String node = backend.pod().path("spec").path("nodeName").asText("");
        if (!node.isEmpty()) {
            address.put("nodeName", node);
        }
        address.set("targetRef", Backends.podReference(backend.pod()));
        return address;
    }
}
