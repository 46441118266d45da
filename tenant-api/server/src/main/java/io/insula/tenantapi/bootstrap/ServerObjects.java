package io.insula.tenantapi.bootstrap;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The objects that tell of the server itself: the `kubernetes` Service and its endpoints, the service range, what
/// extension API servers need to know. Source: kubernetes/pkg/controlplane.
final class ServerObjects {

    private static final String NAME = "kubernetes";

    private ServerObjects() {}

    static List<Wanted> of(BootstrapConfig config, Instant now) {
        var all = new ArrayList<Wanted>();
        if (!config.serviceCidrs().isEmpty()) {
            all.add(serviceCidr(config));
        }
        all.add(Wanted.once(core("services"), service(config)));
        if (!config.endpointAddress().isEmpty()) {
            all.add(Wanted.keeping("subsets", core("endpoints"), endpoints(config)));
            all.add(new Wanted(
                    new GroupVersionResource("discovery.k8s.io", "v1", "endpointslices"),
                    endpointSlice(config),
                    ServerObjects::repairSlice));
        }
        all.add(new Wanted(core("configmaps"), extensionAuthentication(config), ServerObjects::addMissingData));
        all.add(Wanted.once(core("configmaps"), tokenTracking(now)));
        return all;
    }

    private static Wanted serviceCidr(BootstrapConfig config) {
        ObjectNode cidr = ObjectsFile.object("networking.k8s.io/v1", "ServiceCIDR", NAME);
        var cidrs = cidr.putObject("spec").putArray("cidrs");
        config.serviceCidrs().forEach(cidrs::add);
        return Wanted.once(new GroupVersionResource("networking.k8s.io", "v1", "servicecidrs"), cidr);
    }

    private static ObjectNode service(BootstrapConfig config) {
        ObjectNode service = in("default", ObjectsFile.object("v1", "Service", NAME));
        Meta.of(service).putObject("labels").put("component", "apiserver").put("provider", NAME);
        ObjectNode spec = service.putObject("spec").put("type", "ClusterIP").put("sessionAffinity", "None");
        if (!config.serviceIp().isEmpty()) {
            spec.put("clusterIP", config.serviceIp()).putArray("clusterIPs").add(config.serviceIp());
        }
        spec.put("internalTrafficPolicy", "Cluster").put("ipFamilyPolicy", "SingleStack");
        spec.putArray("ports")
                .addObject()
                .put("name", "https")
                .put("port", 443)
                .put("protocol", "TCP")
                .put("targetPort", config.endpointPort());
        return service;
    }

    private static ObjectNode endpoints(BootstrapConfig config) {
        ObjectNode endpoints = in("default", ObjectsFile.object("v1", "Endpoints", NAME));
        // the mirroring controller would make a second slice
        Meta.of(endpoints).putObject("labels").put(WellKnownKeys.SKIP_MIRROR, "true");
        ObjectNode subset = endpoints.putArray("subsets").addObject();
        subset.putArray("addresses").addObject().put("ip", config.endpointAddress());
        subset.putArray("ports")
                .addObject()
                .put("name", "https")
                .put("port", config.endpointPort())
                .put("protocol", "TCP");
        return endpoints;
    }

    private static ObjectNode endpointSlice(BootstrapConfig config) {
        ObjectNode slice = in("default", ObjectsFile.object("discovery.k8s.io/v1", "EndpointSlice", NAME));
        Meta.of(slice).putObject("labels").put(WellKnownKeys.SERVICE_NAME, NAME);
        slice.put("addressType", config.endpointAddress().contains(":") ? "IPv6" : "IPv4");
        ObjectNode endpoint = slice.putArray("endpoints").addObject();
        endpoint.putArray("addresses").add(config.endpointAddress());
        endpoint.putObject("conditions").put("ready", true);
        slice.putArray("ports")
                .addObject()
                .put("name", "https")
                .put("port", config.endpointPort())
                .put("protocol", "TCP");
        return slice;
    }

    private static Optional<ObjectNode> repairSlice(ObjectNode current, ObjectNode wanted) {
        return Wanted.replace("endpoints", current, wanted)
                .map(changed -> Wanted.replace("ports", changed, wanted).orElse(changed))
                .or(() -> Wanted.replace("ports", current, wanted));
    }

    private static ObjectNode extensionAuthentication(BootstrapConfig config) {
        ObjectNode map = in("kube-system", ObjectsFile.object("v1", "ConfigMap", "extension-apiserver-authentication"));
        ObjectNode data = map.putObject("data");
        config.extensionAuthentication().forEach(data::put);
        return map;
    }

    private static ObjectNode tokenTracking(Instant now) {
        ObjectNode map = in(
                "kube-system",
                ObjectsFile.object("v1", "ConfigMap", "kube-apiserver-legacy-service-account-token-tracking"));
        map.putObject("data").put("since", DateTimeFormatter.ISO_LOCAL_DATE.format(now.atOffset(ZoneOffset.UTC)));
        return map;
    }

    private static Optional<ObjectNode> addMissingData(ObjectNode current, ObjectNode wanted) {
        JsonNode present = current.path("data");
        boolean complete = wanted.path("data").properties().stream()
                .allMatch(entry -> entry.getValue().equals(present.path(entry.getKey())));
        if (complete) {
            return Optional.empty();
        }
        ObjectNode changed = current.deepCopy();
        changed.withObjectProperty("data").setAll((ObjectNode) wanted.path("data"));
        return Optional.of(changed);
    }

    private static ObjectNode in(String namespace, ObjectNode object) {
        Meta.of(object).put("namespace", namespace);
        return object;
    }

    private static GroupVersionResource core(String resource) {
        return new GroupVersionResource("", "v1", resource);
    }
}
