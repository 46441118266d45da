package io.insula.tenantapi.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.kinds.PodQos;
import io.insula.tenantapi.kinds.PodRules;
import io.insula.tenantapi.kinds.PodTemplates;
import io.insula.tenantapi.kinds.PodWarnings;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.Subresource;
import io.insula.tenantapi.registry.Subresource.Use;
import io.insula.tenantapi.registry.SubresourceRequest;
import io.insula.tenantapi.registry.WriteContext;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.view.ContainerView.Kind;
import io.insula.tenantapi.view.PodSpecView;
import io.insula.tenantapi.view.PodView;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

@Singleton
final class PodKind implements StoredKind {

    private static final GroupVersionKind CORE = new GroupVersionKind("", "v1", "Pod");

    private static final KindSpec SPEC = KindSpec.namespaced("", "v1", "Pod", "pods")
            .shortNames("po")
            .categories("all")
            .withStatus()
            .withGeneration()
            .subresource(stream("attach", "PodAttachOptions"))
            // binding a pod is not a change that somebody asked of its spec
            .subresource(Subresource.of("binding", CORE.withKind("Binding"), "create")
                    .uncounted())
            .subresource("ephemeralcontainers", CORE, "get", "patch", "update")
            .subresource("eviction", new GroupVersionKind("policy", "v1", "Eviction"), "create")
            .subresource(stream("exec", "PodExecOptions"))
            .subresource(Subresource.connection(Use.READ, "log", CORE, "get"))
            .subresource(stream("portforward", "PodPortForwardOptions"))
            .subresource(Subresource.connection(
                    Use.PROXY, "proxy", CORE.withKind("PodProxyOptions"), "create", "delete", "get", "patch", "update"))
            .subresource("resize", CORE, "get", "patch", "update");

    private static Subresource stream(String name, String options) {
        return Subresource.connection(Use.STREAM, name, CORE.withKind(options), "create", "get");
    }

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public void applyDefaults(ObjectNode object) {
        Fields.ifObject(object, "spec", PodTemplates::applyPodDefaults);
    }

    @Override
    public void prepareForCreate(ObjectNode object, WriteContext context) {
        PodSpecView spec = PodView.of(object).spec();
        ObjectNode status = object.putObject("status").put("phase", "Pending");
        status.put("qosClass", PodQos.of(spec.tree()));
        if (spec.isGated()) {
            status.putArray(Condition.LIST)
                    .addObject()
                    .put("type", "PodScheduled")
                    .put("status", "False")
                    .put("reason", "SchedulingGated")
                    .put("message", "Scheduling is blocked due to non-empty scheduling gates");
        }
        spec.remove(Kind.EPHEMERAL);
    }

    @Override
    public void prepareForUpdate(ObjectNode wanted, JsonNode current, WriteContext context) {
        switch (context.subresource()) {
            case "status" -> {
                // the quality of service is decided once
                JsonNode qos = current.path("status").path("qosClass");
                if (!qos.isMissingNode()) {
                    Fields.object(wanted, "status").set("qosClass", qos);
                }
            }
            case "ephemeralcontainers" -> PodUpdates.onlyEphemeralContainers(wanted, current);
            case "resize" -> PodUpdates.onlyResources(wanted, current);
            default -> PodUpdates.dropUnscheduledCondition(wanted, current);
        }
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        return PodRules.validate(object.path("spec"), "spec");
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        return switch (context.subresource()) {
            case "" -> PodUpdates.validate(wanted, current);
            case "ephemeralcontainers" -> PodUpdates.validateEphemeralContainers(wanted, current);
            case "resize" -> PodUpdates.validateResize(wanted, current);
            default -> List.of();
        };
    }

    /// Of new ones only: people seldom change pods.
    @Override
    public List<String> warnings(JsonNode object, @Nullable JsonNode old) {
        return old == null ? PodWarnings.ofPod(object) : List.of();
    }

    /// Pods that no node runs, or that have ended, go at once. Source: kubernetes `podStrategy.CheckGracefulDelete`.
    @Override
    public long gracePeriodSeconds(JsonNode object, long requested) {
        PodView pod = PodView.of(object);
        if (!pod.isBound() || pod.isTerminal()) {
            return 0;
        }
        long grace = requested >= 0
                ? requested
                : object.path("spec").path("terminationGracePeriodSeconds").asLong(30);
        return grace < 0 ? 1 : grace;
    }

    @Override
    public boolean returnsDeletedObject() {
        return true;
    }

    @Override
    public List<String> selectableFieldNames() {
        return List.of(
                "spec.nodeName",
                "spec.restartPolicy",
                "spec.schedulerName",
                "spec.serviceAccountName",
                "spec.hostNetwork",
                "status.phase",
                "status.podIP",
                "status.nominatedNodeName");
    }

    @Override
    public Map<String, String> selectableFields(JsonNode object) {
        JsonNode spec = object.path("spec");
        JsonNode status = object.path("status");
        return Map.of(
                "spec.nodeName", spec.path("nodeName").asText(""),
                "spec.restartPolicy", spec.path("restartPolicy").asText(""),
                "spec.schedulerName", spec.path("schedulerName").asText(""),
                "spec.serviceAccountName", spec.path("serviceAccountName").asText(""),
                "spec.hostNetwork", Boolean.toString(spec.path("hostNetwork").asBoolean()),
                "status.phase", status.path("phase").asText(""),
                "status.podIP", status.path("podIP").asText(""),
                "status.nominatedNodeName", status.path("nominatedNodeName").asText(""));
    }

    @Override
    public List<Column> columns() {
        return PodColumns.ALL;
    }

    @Override
    public List<ObjectNode> rowConditions(JsonNode object) {
        return PodColumns.conditions(object);
    }

    @Override
    public ObjectNode connectOptions(String subresource, Function<String, List<String>> query) {
        return PodConnections.options(subresource, query).put("apiVersion", "v1");
    }

    @Override
    public ObjectNode subresource(SubresourceRequest request) {
        return switch (request.name()) {
            case "binding" -> PodBindings.bind(request);
            case "eviction" -> PodEvictions.evict(request);
            case "ephemeralcontainers", "resize" ->
                request.verb().equals("get")
                        ? request.current()
                        : request.store().update(current -> PodUpdates.merge(request.name(), current, request.body()));
            default -> PodConnections.connect(request);
        };
    }
}
