package io.insula.tenantapi.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.registry.WriteContext;
import io.insula.tenantapi.service.ClusterIps;
import io.insula.tenantapi.service.NodePorts;
import io.insula.tenantapi.view.WorkloadView;
import java.util.List;
import java.util.Optional;

/// The cluster IPs and node ports of a Service: what a write keeps, what it is given.
/// Source: kubernetes `pkg/registry/core/service/storage`.
final class ServiceAddresses {

    static final GroupVersionResource SERVICES = new GroupVersionResource("", "v1", "services");
    private static final GroupVersionKind SERVICE = new GroupVersionKind("", "v1", "Service");

    private ServiceAddresses() {}

    /// Makes `clusterIP` and `clusterIPs` tell the same, where only one was given.
    static void normalize(ObjectNode service) {
        if (!(service.path("spec") instanceof ObjectNode spec)) {
            return;
        }
        if (isExternalName(spec)) {
            spec.remove(List.of("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"));
            return;
        }
        String single = spec.path("clusterIP").asText("");
        String first = spec.path("clusterIPs").path(0).asText("");
        if (!single.isEmpty() && first.isEmpty()) {
            spec.putArray("clusterIPs").add(single);
        } else if (single.isEmpty() && !first.isEmpty()) {
            spec.put("clusterIP", first);
        }
    }

    /// What a client left out, it did not mean to give back.
    static void keepAllocated(ObjectNode wanted, JsonNode current) {
        if (!(wanted.path("spec") instanceof ObjectNode spec)) {
            return;
        }
        JsonNode old = current.path("spec");
        if (!isExternalName(spec) && !isExternalName(old)) {
            keepClusterIps(spec, old);
        }
        if (needsNodePorts(spec) && needsNodePorts(old)) {
            keepNodePorts(spec, old);
        } else if (!needsNodePorts(spec) && needsNodePorts(old)) {
            dropUnchangedNodePorts(spec, old);
        }
        if (needsHealthPort(spec) && needsHealthPort(old) && Fields.isUnset(spec, "healthCheckNodePort")) {
            spec.set("healthCheckNodePort", old.path("healthCheckNodePort"));
        }
        if (!needsHealthPort(spec)) {
            spec.remove("healthCheckNodePort");
        }
    }

    private static void keepClusterIps(ObjectNode spec, JsonNode old) {
        boolean single = spec.path("clusterIP").asText("").isEmpty();
        boolean all = spec.path("clusterIPs").isEmpty();
        if (single && all && old.hasNonNull("clusterIP")) {
            spec.set("clusterIP", old.path("clusterIP"));
            spec.set("clusterIPs", old.path("clusterIPs"));
        }
        for (String field : List.of("ipFamilies", "ipFamilyPolicy")) {
            if (Fields.isUnset(spec, field) && old.hasNonNull(field)) {
                spec.set(field, old.path(field));
            }
        }
    }

    private static void keepNodePorts(ObjectNode spec, JsonNode old) {
        Fields.each(spec, "ports", port -> {
            if (port.path("nodePort").asInt() == 0) {
                int kept = nodePortOf(old, port);
                if (kept > 0) {
                    port.put("nodePort", kept);
                }
            }
        });
    }

    private static void dropUnchangedNodePorts(ObjectNode spec, JsonNode old) {
        Fields.each(spec, "ports", port -> {
            if (port.path("nodePort").asInt() == nodePortOf(old, port)) {
                port.remove("nodePort");
            }
        });
    }

    private static int nodePortOf(JsonNode spec, JsonNode port) {
        for (JsonNode other : spec.path("ports")) {
            if (other.path("port").asInt() == port.path("port").asInt()
                    && other.path("protocol")
                            .asText("TCP")
                            .equals(port.path("protocol").asText("TCP"))) {
                return other.path("nodePort").asInt();
            }
        }
        return 0;
    }

    /// Gives what is still missing. Nothing happens to addresses that the stored Service already has.
    ///
    /// @throws ApiException (422) when a wanted address or port is taken
    static void allocate(ObjectNode service, WriteContext context) {
        ObjectNode spec = Fields.object(service, "spec");
        ClusterIps addresses = context.services().clusterIps();
        if (!addresses.givesNodePorts() && (needsNodePorts(spec) || needsHealthPort(spec))) {
            allocateNodePorts(service, spec, context);
        }
        if (isExternalName(spec) || spec.path("clusterIP").asText("").equals("None")) {
            return;
        }
        take(spec, addresses.allocate(service, spec.path("clusterIP").asText(""), context.dryRun()));
    }

    private static void take(ObjectNode spec, ClusterIps.Given given) {
        if (!given.clusterIps().isEmpty()) {
            spec.put("clusterIP", given.clusterIps().getFirst());
            given.clusterIps().forEach(spec.putArray("clusterIPs")::add);
        }
        if (!given.ipFamilies().isEmpty()) {
            given.ipFamilies().forEach(spec.putArray("ipFamilies")::add);
        }
        int i = 0;
        for (JsonNode port : spec.path("ports")) {
            int nodePort = i < given.nodePorts().size() ? given.nodePorts().get(i) : 0;
            if (nodePort > 0) {
                ((ObjectNode) port).put("nodePort", nodePort);
            }
            i++;
        }
        if (given.healthCheckNodePort() > 0) {
            spec.put("healthCheckNodePort", given.healthCheckNodePort());
        }
    }

    private static void allocateNodePorts(ObjectNode service, ObjectNode spec, WriteContext context) {
        var ports = NodePorts.of(context.client(), Meta.uid(service));
        boolean any = needsNodePorts(spec);
        int i = 0;
        for (JsonNode port : spec.path("ports")) {
            String path = "spec.ports[" + i++ + "].nodePort";
            int wanted = port.path("nodePort").asInt();
            if (wanted > 0) {
                take(service, ports, wanted, path, i - 1);
            }
        }
        int health = spec.path("healthCheckNodePort").asInt();
        if (health > 0) {
            take(service, ports, health, "spec.healthCheckNodePort", -1);
        }
        Fields.each(spec, "ports", port -> {
            if (any
                    && port.path("nodePort").asInt() == 0
                    && spec.path("allocateLoadBalancerNodePorts").asBoolean(true)) {
                port.put("nodePort", sharedPort(spec, port).orElseGet(ports::takeAny));
            }
        });
        if (needsHealthPort(spec) && health == 0) {
            spec.put("healthCheckNodePort", ports.takeAny());
        }
    }

    /// The same port over TCP and UDP gets one node port.
    private static Optional<Integer> sharedPort(JsonNode spec, JsonNode port) {
        for (JsonNode other : spec.path("ports")) {
            if (other.path("nodePort").asInt() > 0
                    && other.path("port").asInt() == port.path("port").asInt()
                    && !other.path("protocol")
                            .asText()
                            .equals(port.path("protocol").asText())) {
                return Optional.of(other.path("nodePort").asInt());
            }
        }
        return Optional.empty();
    }

    private static void take(JsonNode service, NodePorts ports, int port, String path, int index) {
        if (port < NodePorts.FIRST || port > NodePorts.LAST) {
            throw refused(
                    service,
                    path,
                    port,
                    "provided port is not in the valid range. The range of valid ports is " + NodePorts.FIRST + "-"
                            + NodePorts.LAST);
        }
        if (!ports.take(port) && !repeats(service, port, index)) {
            throw refused(service, path, port, "provided port is already allocated");
        }
    }

    /// Whether an earlier port of the same Service has this node port (over another protocol).
    private static boolean repeats(JsonNode service, int port, int before) {
        for (int i = 0; i < before; i++) {
            if (service.path("spec").path("ports").path(i).path("nodePort").asInt() == port) {
                return true;
            }
        }
        return false;
    }

    private static ApiException refused(JsonNode service, String path, int port, String why) {
        return ApiException.invalid(SERVICE, Meta.name(service), List.of(FieldError.invalid(path, port, why)));
    }

    static void fillFamilies(ObjectNode service) {
        ObjectNode spec = Fields.object(service, "spec");
        if (isExternalName(spec)) {
            return;
        }
        boolean headless = spec.path("clusterIP").asText("").equals("None");
        boolean anyFamily = headless && !WorkloadView.of(service).isSelecting();
        if (anyFamily) {
            Fields.defaultText(spec, "ipFamilyPolicy", "RequireDualStack");
        } else {
            Fields.defaultText(spec, "ipFamilyPolicy", "SingleStack");
        }
        if (spec.path("ipFamilies").isEmpty()) {
            var families = spec.putArray("ipFamilies").add("IPv4");
            if (anyFamily && !spec.path("ipFamilyPolicy").asText().equals("SingleStack")) {
                families.add("IPv6");
            }
        }
    }

    static boolean isExternalName(JsonNode spec) {
        return spec.path("type").asText().equals("ExternalName");
    }

    static boolean needsNodePorts(JsonNode spec) {
        return switch (spec.path("type").asText()) {
            case "NodePort" -> true;
            case "LoadBalancer" -> true;
            default -> false;
        };
    }

    static boolean needsHealthPort(JsonNode spec) {
        return spec.path("type").asText().equals("LoadBalancer")
                && spec.path("externalTrafficPolicy").asText().equals("Local");
    }
}
