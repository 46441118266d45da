package io.insula.tenantapi.controllers.discovery;

import com.fasterxml.jackson.databind.JsonNode;
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
import io.insula.tenantapi.controllers.ObjectEvent;
import io.insula.tenantapi.controllers.PodWriter;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.controllers.objects.Owners;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.view.WorkloadView;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Shows Endpoints that somebody keeps by hand, for a Service without selector, as EndpointSlices too. Reads its slices
/// live: it has no memory of what it made. Source: kubernetes, `pkg/controller/endpointslicemirroring`.
final class EndpointSliceMirroring implements Controller {

    private static final int MOST = 1000;
    private static final String MANAGER = "endpointslicemirroring-controller.k8s.io";
    private static final String LEADER = "control-plane.alpha.kubernetes.io/leader";
    private static final Set<String> NOT_COPIED =
            Set.of("endpoints.kubernetes.io/last-change-trigger-time", WellKnownKeys.LAST_APPLIED);

    private final ObjectClient client;
    private final Store endpoints;
    private final Store services;

    private EndpointSliceMirroring(ControllerContext context) {
        this.client = context.client();
        this.endpoints = context.store(Resources.ENDPOINTS);
        this.services = context.store(Resources.SERVICES);
    }

    @Singleton
    static final class Factory implements ControllerFactory {
        @Override
        public String name() {
            return "endpointslicemirroring-controller";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new EndpointSliceMirroring(context);
        }
    }

    @Override
    public ControllerSpec spec() {
        return ControllerSpec.of(Resources.ENDPOINTS)
                .watch(Resources.SERVICES, event -> List.of(Key.of(event.object())))
                .watch(Resources.ENDPOINT_SLICES, EndpointSliceMirroring::mirrored)
                .workers(5);
    }

    @Override
    public Outcome reconcile(Key key) {
        Optional<ObjectNode> source = endpoints.get(key).filter(this::isToBeMirrored);
        List<ObjectNode> present = client.list(
                        Resources.ENDPOINT_SLICES,
                        key.namespace(),
                        new ObjectClient.Query(
                                WellKnownKeys.SERVICE_NAME + "=" + key.name() + "," + WellKnownKeys.SLICE_MANAGER + "="
                                        + MANAGER,
                                ""))
                .items();
        write(key, present, source.map(EndpointSliceMirroring::slices).orElse(List.of()));
        return Outcome.SETTLED;
    }

    private boolean isToBeMirrored(ObjectNode object) {
        return !Meta.labels(object).getOrDefault(WellKnownKeys.SKIP_MIRROR, "").equals("true")
                && !Meta.annotations(object).containsKey(LEADER)
                && !Meta.isBeingDeleted(object)
                && services.get(Key.of(object))
                        .filter(service -> !WorkloadView.of(service).isSelecting())
                        .isPresent();
    }

    private void write(Key key, List<ObjectNode> present, List<ObjectNode> wanted) {
        var free = new ArrayList<>(present);
        var left = new ArrayList<ObjectNode>();
        for (ObjectNode slice : wanted) {
            Optional<ObjectNode> same =
                    free.stream().filter(there -> isSame(there, slice)).findFirst();
            same.ifPresentOrElse(free::remove, () -> left.add(slice));
        }
        for (ObjectNode slice : left) {
            Optional<ObjectNode> other = free.stream()
                    .filter(there -> there.path("addressType").equals(slice.path("addressType")))
                    .findFirst();
            if (other.isPresent()) {
                free.remove(other.get());
                update(other.get(), slice);
            } else {
                client.create(Resources.ENDPOINT_SLICES, key.namespace(), slice);
            }
        }
        free.forEach(this::delete);
    }

    private static boolean isSame(JsonNode there, JsonNode wanted) {
        return there.path("addressType").equals(wanted.path("addressType"))
                && there.path("endpoints").equals(wanted.path("endpoints"))
                && there.path("ports").equals(wanted.path("ports"))
                && Meta.labels(there).equals(Meta.labels(wanted))
                && Meta.annotations(there).equals(Meta.annotations(wanted));
    }

    private void update(ObjectNode there, ObjectNode wanted) {
        ObjectNode changed = there.deepCopy();
        for (String field : List.of("endpoints", "ports")) {
            changed.set(field, wanted.path(field));
        }
        for (String field : List.of("labels", "annotations")) {
            Meta.of(changed).remove(field);
            if (wanted.path("metadata").has(field)) {
                Meta.of(changed).set(field, wanted.path("metadata").path(field));
            }
        }
        client.update(Resources.ENDPOINT_SLICES, Meta.namespace(there), "", changed);
    }

    private void delete(ObjectNode slice) {
        try {
            client.delete(Resources.ENDPOINT_SLICES, Meta.namespace(slice), Meta.name(slice), PodWriter.onlyIf(slice));
        } catch (ApiException e) {
            if (!PodWriter.isGone(e)) {
                throw e;
            }
        }
    }

    /// One for each set of ports and address family.
    private static List<ObjectNode> slices(ObjectNode source) {
        var byPorts = new LinkedHashMap<String, ObjectNode>();
        for (JsonNode subset : source.path("subsets")) {
            add(source, subset, "addresses", true, byPorts);
            add(source, subset, "notReadyAddresses", false, byPorts);
        }
        return List.copyOf(byPorts.values());
    }

    private static void add(
            ObjectNode source, JsonNode subset, String list, boolean ready, Map<String, ObjectNode> byPorts) {
        for (JsonNode address : subset.path(list)) {
            String ip = address.path("ip").asText();
            String family = ip.contains(":") ? "IPv6" : "IPv4";
            ObjectNode slice = byPorts.computeIfAbsent(
                    family + subset.path("ports"), k -> slice(source, subset.path("ports"), family));
            if (slice.path("endpoints").size() < MOST) {
                slice.withArrayProperty("endpoints").add(endpoint(address, ip, ready));
            }
        }
    }

    private static ObjectNode endpoint(JsonNode address, String ip, boolean ready) {
        ObjectNode endpoint = Json.object();
        endpoint.putArray("addresses").add(ip);
        endpoint.putObject("conditions").put("ready", ready);
        if (address.hasNonNull("hostname")) {
            endpoint.set("hostname", address.path("hostname"));
        }
        if (address.hasNonNull("targetRef")) {
            endpoint.set("targetRef", address.path("targetRef").deepCopy());
        }
        if (address.hasNonNull("nodeName")) {
            endpoint.set("nodeName", address.path("nodeName"));
        }
        return endpoint;
    }

    private static ObjectNode slice(ObjectNode source, JsonNode ports, String family) {
        ObjectNode slice =
                Json.object().put("apiVersion", "discovery.k8s.io/v1").put("kind", "EndpointSlice");
        ObjectNode meta = slice.putObject("metadata")
                .put("generateName", Meta.name(source) + "-")
                .put("namespace", Meta.namespace(source));
        ObjectNode labels = meta.putObject("labels");
        Meta.labels(source).forEach(labels::put);
        labels.remove(WellKnownKeys.ENDPOINTS_MANAGER);
        labels.put(WellKnownKeys.SERVICE_NAME, Meta.name(source)).put(WellKnownKeys.SLICE_MANAGER, MANAGER);
        Map<String, String> annotations = Meta.annotations(source);
        annotations.keySet().removeAll(NOT_COPIED);
        if (!annotations.isEmpty()) {
            ObjectNode copied = meta.putObject("annotations");
            annotations.forEach(copied::put);
        }
        meta.putArray("ownerReferences").add(Owners.controllerReference(source));
        slice.put("addressType", family);
        slice.putArray("endpoints");
        var copies = slice.putArray("ports");
        for (JsonNode port : ports) {
            // an unnamed port has an empty name here
            copies.addObject()
                    .put("name", port.path("name").asText(""))
                    .put("protocol", port.path("protocol").asText("TCP"))
                    .put("port", port.path("port").asInt());
        }
        return slice;
    }

    private static Collection<Key> mirrored(ObjectEvent event) {
        ObjectNode slice = event.object();
        Map<String, String> labels = Meta.labels(slice);
        return MANAGER.equals(labels.get(WellKnownKeys.SLICE_MANAGER)) && labels.containsKey(WellKnownKeys.SERVICE_NAME)
                ? List.of(new Key(Meta.namespace(slice), labels.getOrDefault(WellKnownKeys.SERVICE_NAME, "")))
                : List.of();
    }
}
