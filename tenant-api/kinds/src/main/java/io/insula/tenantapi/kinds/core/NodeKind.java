package io.insula.tenantapi.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.Subresource;
import io.insula.tenantapi.registry.Subresource.Use;
import io.insula.tenantapi.registry.SubresourceRequest;
import io.insula.tenantapi.registry.WriteContext;
import io.insula.tenantapi.view.Condition;
import jakarta.inject.Singleton;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

@Singleton
final class NodeKind implements StoredKind {

    private static final String ROLE = "node-role.kubernetes.io/";

    private static final KindSpec SPEC = KindSpec.cluster("", "v1", "Node", "nodes")
            .shortNames("no")
            .storedAt("minions")
            .withStatus()
            .subresource(Subresource.connection(
                    Use.PROXY,
                    "proxy",
                    new GroupVersionKind("", "v1", "NodeProxyOptions"),
                    "create",
                    "delete",
                    "get",
                    "patch",
                    "update"));

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public void applyDefaults(ObjectNode object) {
        Fields.object(object, "spec");
        Fields.ifObject(object, "status", status -> {
            if (status.hasNonNull("capacity") && Fields.isUnset(status, "allocatable")) {
                status.set("allocatable", status.path("capacity").deepCopy());
            }
        });
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        return taints(object);
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        var checks = new Checks().addAll(taints(wanted));
        for (String field : List.of("podCIDR", "podCIDRs", "providerID")) {
            JsonNode before = current.path("spec").path(field);
            if (!before.isEmpty() || !before.asText("").isEmpty()) {
                if (!Checks.same(wanted.path("spec").path(field), before)) {
                    checks.add(FieldError.forbidden(
                            "spec." + field, "node updates may not change " + field + " except from \"\" to valid"));
                }
            }
        }
        return checks.errors();
    }

    @Override
    public List<String> selectableFieldNames() {
        return List.of("spec.unschedulable");
    }

    @Override
    public Map<String, String> selectableFields(JsonNode object) {
        return Map.of(
                "spec.unschedulable",
                Boolean.toString(object.path("spec").path("unschedulable").asBoolean()));
    }

    @Override
    public ObjectNode subresource(SubresourceRequest request) {
        throw PodConnections.unreachable(request.name());
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Printers.NAME,
                Column.of("Status", (o, now) -> status(o)),
                Column.of("Roles", (o, now) -> roles(o)),
                Printers.AGE,
                Printers.text("Version", "status.nodeInfo.kubeletVersion"),
                Column.of("Internal-IP", (o, now) -> address(o, "InternalIP")).wide(),
                Column.of("External-IP", (o, now) -> address(o, "ExternalIP")).wide(),
                Printers.text("OS-Image", "status.nodeInfo.osImage", Printers.UNKNOWN)
                        .wide(),
                Printers.text("Kernel-Version", "status.nodeInfo.kernelVersion", Printers.UNKNOWN)
                        .wide(),
                Printers.text("Container-Runtime", "status.nodeInfo.containerRuntimeVersion", Printers.UNKNOWN)
                        .wide());
    }

    private static List<FieldError> taints(JsonNode object) {
        var checks = new Checks();
        var seen = new HashSet<String>();
        int i = 0;
        for (JsonNode taint : object.path("spec").path("taints")) {
            String at = "spec.taints[" + i++ + "]";
            checks.name(taint.path("key").asText(""), at + ".key", Checks::qualifiedName);
            checks.oneOf(taint, at, "effect", "NoSchedule", "PreferNoSchedule", "NoExecute");
            if (!seen.add(
                    taint.path("key").asText() + ":" + taint.path("effect").asText())) {
                checks.add(FieldError.duplicate(at, taint));
            }
        }
        return checks.errors();
    }

    static String status(JsonNode node) {
        Condition ready = Condition.of(node, "Ready");
        String text = ready.exists() ? ready.isTrue() ? "Ready" : "NotReady" : "Unknown";
        return node.path("spec").path("unschedulable").asBoolean() ? text + ",SchedulingDisabled" : text;
    }

    static String roles(JsonNode node) {
        var roles = new TreeSet<String>();
        Meta.labels(node).forEach((key, value) -> {
            if (key.startsWith(ROLE) && key.length() > ROLE.length()) {
                roles.add(key.substring(ROLE.length()));
            } else if (key.equals("kubernetes.io/role") && !value.isEmpty()) {
                roles.add(value);
            }
        });
        return roles.isEmpty() ? Printers.NONE : String.join(",", roles);
    }

    private static String address(JsonNode node, String type) {
        String found = Fields.find(Checks.at(node, "status.addresses"), "type", type)
                .path("address")
                .asText("");
        return Printers.orElse(found, Printers.NONE);
    }
}
