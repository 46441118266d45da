package io.insula.tenantapi.kinds.core;

import static io.insula.tenantapi.kinds.Fields.defaultText;
import static io.insula.tenantapi.kinds.Fields.defaultTo;
import static io.insula.tenantapi.kinds.Fields.each;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.Names;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.Subresource;
import io.insula.tenantapi.registry.Subresource.Use;
import io.insula.tenantapi.registry.SubresourceRequest;
import io.insula.tenantapi.registry.WriteContext;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;

@Singleton
final class ServiceKind implements StoredKind {

    private static final KindSpec SPEC = KindSpec.namespaced("", "v1", "Service", "services")
            .shortNames("svc")
            .categories("all")
            .storedAt("services/specs")
            .creatingOnUpdate()
            .withStatus()
            .subresource(Subresource.connection(
                    Use.PROXY,
                    "proxy",
                    new GroupVersionKind("", "v1", "ServiceProxyOptions"),
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
        ObjectNode spec = Fields.object(object, "spec");
        defaultText(spec, "sessionAffinity", "None");
        if (spec.path("sessionAffinity").asText().equals("ClientIP")) {
            ObjectNode clientIp = Fields.object(Fields.object(spec, "sessionAffinityConfig"), "clientIP");
            defaultTo(clientIp, "timeoutSeconds", 10800);
        } else {
            spec.remove("sessionAffinityConfig");
        }
        defaultText(spec, "type", "ClusterIP");
        each(spec, "ports", port -> {
            defaultText(port, "protocol", "TCP");
            if (!port.hasNonNull("port")) {
                port.put("port", 0);
            }
            JsonNode target = port.path("targetPort");
            if (target.isMissingNode()
                    || target.isNull()
                    || target.asText().isEmpty()
                    || target.asText().equals("0")) {
                port.set("targetPort", port.path("port"));
            }
        });
        String type = spec.path("type").asText();
        boolean external = type.equals("NodePort") || type.equals("LoadBalancer");
        if (external || (type.equals("ClusterIP") && !spec.path("externalIPs").isEmpty())) {
            defaultText(spec, "externalTrafficPolicy", "Cluster");
        }
        if (!type.equals("ExternalName")) {
            defaultText(spec, "internalTrafficPolicy", "Cluster");
        }
        if (type.equals("LoadBalancer")) {
            defaultTo(spec, "allocateLoadBalancerNodePorts", true);
        }
    }

    @Override
    public void prepareForCreate(ObjectNode object, WriteContext context) {
        Fields.object(object, "status").putObject("loadBalancer");
        ServiceAddresses.normalize(object);
        if (validate(object).isEmpty() && !exists(object, context)) {
            ServiceAddresses.allocate(object, context);
        }
        ServiceAddresses.fillFamilies(object);
    }

    /// An address given to a Service that then turns out to exist would lie unused until the next repair.
    private static boolean exists(JsonNode object, WriteContext context) {
        return !Meta.name(object).isEmpty()
                && context.client()
                        .get(ServiceAddresses.SERVICES, Meta.namespace(object), Meta.name(object))
                        .isPresent();
    }

    @Override
    public void prepareForUpdate(ObjectNode wanted, JsonNode current, WriteContext context) {
        if (!context.subresource().isEmpty()) {
            return;
        }
        ServiceAddresses.keepAllocated(wanted, current);
        ServiceAddresses.normalize(wanted);
        if (validate(wanted).isEmpty()
                && ServiceRules.validateUpdate(wanted, current).isEmpty()) {
            ServiceAddresses.allocate(wanted, context);
        }
        ServiceAddresses.fillFamilies(wanted);
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        return validate(object);
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        List<FieldError> errors = ServiceRules.validateUpdate(wanted, current);
        return errors.isEmpty() ? validate(wanted) : errors;
    }

    private static List<FieldError> validate(JsonNode object) {
        return ServiceRules.validate(object);
    }

    @Override
    public String checkName(String name) {
        return Names.dns1035Label(name);
    }

    @Override
    public void afterDelete(JsonNode object, WriteContext context) {
        for (String address : Fields.texts(object.path("spec").path("clusterIPs"))) {
            if (!address.isEmpty() && !address.equals("None")) {
                context.services().clusterIps().release(Meta.namespace(object), Meta.name(object), address);
            }
        }
    }

    @Override
    public boolean returnsDeletedObject() {
        return true;
    }

    @Override
    public List<String> selectableFieldNames() {
        return List.of("spec.clusterIP", "spec.type");
    }

    @Override
    public Map<String, String> selectableFields(JsonNode object) {
        JsonNode spec = object.path("spec");
        return Map.of(
                "spec.clusterIP",
                spec.path("clusterIP").asText(""),
                "spec.type",
                spec.path("type").asText(""));
    }

    @Override
    public List<Column> columns() {
        return ServiceColumns.ALL;
    }

    @Override
    public ObjectNode subresource(SubresourceRequest request) {
        throw PodConnections.unreachable(request.name());
    }
}
