package io.insula.tenantapi.controllers.discovery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.ObjectEvent;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.view.ContainerView;
import io.insula.tenantapi.view.ContainerView.Kind;
import io.insula.tenantapi.view.LabelSelectors;
import io.insula.tenantapi.view.PodView;
import io.insula.tenantapi.view.WorkloadView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The pods behind a Service. Pure.
final class Backends {

    private Backends() {}

    /// @param ports resolved for this pod, in the Service's order
    record Backend(ObjectNode pod, String ip, ArrayNode ports, boolean ready, boolean serving, boolean terminating) {}

    /// Whether controllers fill this Service's endpoints at all.
    static boolean isSelecting(JsonNode service) {
        return WorkloadView.of(service).isSelecting()
                && !service.path("spec").path("type").asText().equals("ExternalName");
    }

    static boolean isHeadless(JsonNode service) {
        return service.path("spec").path("clusterIP").asText().equals("None");
    }

    /// Pods that match and have an address, finished ones left out, by name.
    static List<Backend> of(JsonNode service, Collection<ObjectNode> pods) {
        JsonNode selector = WorkloadView.of(service).selector();
        boolean publish = service.path("spec").path("publishNotReadyAddresses").asBoolean();
        return pods.stream()
                .filter(pod -> LabelSelectors.matchesMap(selector, Meta.labels(pod)))
                .filter(pod -> !PodView.of(pod).isTerminal())
                .filter(pod -> !pod.path("status").path("podIP").asText("").isEmpty())
                .sorted(Comparator.comparing(Meta::name))
                .map(pod -> backend(service, pod, publish))
                .toList();
    }

    /// Pods with the same ports belong together.
    static Map<String, List<Backend>> byPorts(List<Backend> backends) {
        var groups = new TreeMap<String, List<Backend>>();
        backends.forEach(b -> groups.computeIfAbsent(b.ports().toString(), p -> new ArrayList<>())
                .add(b));
        return groups;
    }

    /// The services a pod's change concerns: those that select it now or did before.
    static Collection<Key> servicesOf(ObjectEvent event, Store services) {
        var keys = new LinkedHashSet<Key>();
        ObjectNode pod = event.object();
        if (event instanceof ObjectEvent.Updated(var before, var after)) {
            if (sameForServices(before, after)) {
                return List.of();
            }
            addMatching(keys, before, services);
        }
        addMatching(keys, pod, services);
        return keys;
    }

    static ObjectNode podReference(ObjectNode pod) {
        return Json.object()
                .put("kind", "Pod")
                .put("namespace", Meta.namespace(pod))
                .put("name", Meta.name(pod))
                .put("uid", Meta.uid(pod));
    }

    /// A pod's name in DNS where it has one under this Service.
    static String hostname(JsonNode service, JsonNode pod) {
        String subdomain = pod.path("spec").path("subdomain").asText("");
        return subdomain.equals(Meta.name(service))
                ? pod.path("spec").path("hostname").asText("")
                : "";
    }

    private static void addMatching(Collection<Key> keys, ObjectNode pod, Store services) {
        Map<String, String> labels = Meta.labels(pod);
        services.inNamespace(Meta.namespace(pod)).stream()
                .filter(Backends::isSelecting)
                .filter(s -> LabelSelectors.matchesMap(WorkloadView.of(s).selector(), labels))
                .map(Key::of)
                .forEach(keys::add);
    }

    private static boolean sameForServices(ObjectNode before, ObjectNode after) {
        return Meta.labels(before).equals(Meta.labels(after))
                && PodView.of(before).isReady() == PodView.of(after).isReady()
                && PodView.of(before).phase().equals(PodView.of(after).phase())
                && Meta.isBeingDeleted(before) == Meta.isBeingDeleted(after)
                && before.path("status")
                        .path("podIP")
                        .equals(after.path("status").path("podIP"))
                && PodView.of(before).nodeName().equals(PodView.of(after).nodeName());
    }

    private static Backend backend(JsonNode service, ObjectNode pod, boolean publishNotReady) {
        boolean serving = PodView.of(pod).isReady();
        boolean terminating = Meta.isBeingDeleted(pod);
        return new Backend(
                pod,
                pod.path("status").path("podIP").asText(),
                ports(service, pod),
                publishNotReady || (serving && !terminating),
                serving,
                terminating);
    }

    private static ArrayNode ports(JsonNode service, ObjectNode pod) {
        ArrayNode ports = Json.MAPPER.createArrayNode();
        for (JsonNode port : service.path("spec").path("ports")) {
            int number = targetPort(port, pod);
            if (number <= 0) {
                continue;
            }
            ObjectNode one = ports.addObject()
                    .put("name", port.path("name").asText(""))
                    .put("port", number)
                    .put("protocol", port.path("protocol").asText("TCP"));
            if (port.hasNonNull("appProtocol")) {
                one.put("appProtocol", port.path("appProtocol").asText());
            }
        }
        return ports;
    }

    /// 0 where the pod has no port of that name.
    private static int targetPort(JsonNode port, ObjectNode pod) {
        JsonNode target = port.path("targetPort");
        if (target.isNumber() && target.asInt() > 0) {
            return target.asInt();
        }
        if (!target.isTextual() || target.asText().isEmpty()) {
            return port.path("port").asInt();
        }
        String protocol = port.path("protocol").asText("TCP");
        for (ContainerView container : PodView.of(pod).spec().containers(Kind.ORDINARY)) {
            for (JsonNode candidate : container.ports()) {
                if (candidate.path("name").asText().equals(target.asText())
                        && candidate.path("protocol").asText("TCP").equals(protocol)) {
                    return candidate.path("containerPort").asInt();
                }
            }
        }
        return 0;
    }
}
