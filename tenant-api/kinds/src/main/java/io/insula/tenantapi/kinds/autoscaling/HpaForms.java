package io.insula.tenantapi.kinds.autoscaling;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.view.Condition;

/// The two forms of a HorizontalPodAutoscaler: `v2` (as stored) and `v1`, which keeps what it has no field for in
/// annotations. The annotations carry the trees of v2 itself, so nothing is lost on the way back.
/// Source: kubernetes `pkg/apis/autoscaling/v1/conversion.go`.
final class HpaForms {

    private static final String PREFIX = "autoscaling.alpha.kubernetes.io/";
    private static final int DEFAULT_CPU_PERCENT = 80;

    private HpaForms() {}

    /// A copy in the form of autoscaling/v2.
    static ObjectNode toV2(JsonNode v1) {
        ObjectNode v2 = v1.deepCopy();
        v2.put("apiVersion", "autoscaling/v2");
        ObjectNode spec = Fields.object(v2, "spec");
        ArrayNode metrics = Json.object().putArray("x");
        JsonNode percent = spec.path("targetCPUUtilizationPercentage");
        JsonNode kept = take(v2, "metrics");
        if (percent.isNumber() || kept.isEmpty()) {
            metrics.add(cpu(percent.asInt(DEFAULT_CPU_PERCENT)));
        }
        kept.forEach(metrics::add);
        spec.remove("targetCPUUtilizationPercentage");
        spec.set("metrics", metrics);
        move(v2, "behavior", spec, "behavior");
        ObjectNode status = Fields.object(v2, "status");
        ArrayNode current = Json.object().putArray("x");
        JsonNode used = status.path("currentCPUUtilizationPercentage");
        if (used.isNumber()) {
            current.add(currentCpu(used.asInt()));
        }
        take(v2, "current-metrics").forEach(current::add);
        status.remove("currentCPUUtilizationPercentage");
        if (!current.isEmpty()) {
            status.set("currentMetrics", current);
        }
        move(v2, Condition.LIST, status, Condition.LIST);
        if (status.isEmpty()) {
            v2.remove("status");
        }
        return v2;
    }

    /// A copy in the form of autoscaling/v1.
    static ObjectNode toV1(JsonNode v2) {
        ObjectNode v1 = v2.deepCopy();
        v1.put("apiVersion", "autoscaling/v1");
        ObjectNode spec = Fields.object(v1, "spec");
        ArrayNode others = Json.object().putArray("x");
        for (JsonNode metric : spec.path("metrics")) {
            JsonNode percent = cpuPercent(metric, "target");
            if (percent.isNumber() && !spec.has("targetCPUUtilizationPercentage")) {
                spec.set("targetCPUUtilizationPercentage", percent);
            } else {
                others.add(metric);
            }
        }
        spec.remove("metrics");
        keep(v1, "metrics", others);
        keep(v1, "behavior", spec.path("behavior"));
        spec.remove("behavior");
        Fields.ifObject(v1, "status", status -> {
            ArrayNode rest = Json.object().putArray("x");
            for (JsonNode metric : status.path("currentMetrics")) {
                JsonNode percent = cpuPercent(metric, "current");
                if (percent.isNumber() && !status.has("currentCPUUtilizationPercentage")) {
                    status.set("currentCPUUtilizationPercentage", percent);
                } else {
                    rest.add(metric);
                }
            }
            status.remove("currentMetrics");
            keep(v1, "current-metrics", rest);
            keep(v1, Condition.LIST, Condition.listIn(status));
            status.remove(Condition.LIST);
        });
        return v1;
    }

    private static JsonNode cpuPercent(JsonNode metric, String side) {
        boolean isCpu = metric.path("type").asText().equals("Resource")
                && Checks.at(metric, "resource.name").asText().equals("cpu");
        return isCpu
                ? Checks.at(metric, "resource." + side + ".averageUtilization")
                : Json.object().path("none");
    }

    static ObjectNode cpu(int percent) {
        ObjectNode metric = Json.object().put("type", "Resource");
        metric.putObject("resource")
                .put("name", "cpu")
                .putObject("target")
                .put("type", "Utilization")
                .put("averageUtilization", percent);
        return metric;
    }

    private static ObjectNode currentCpu(int percent) {
        ObjectNode metric = Json.object().put("type", "Resource");
        metric.putObject("resource").put("name", "cpu").putObject("current").put("averageUtilization", percent);
        return metric;
    }

    private static void keep(ObjectNode v1, String name, JsonNode value) {
        if (!value.isEmpty()) {
            Fields.object(Meta.of(v1), "annotations").put(PREFIX + name, value.toString());
        }
    }

    /// What an annotation kept, which is removed; empty for none. What a client wrote there by hand and is no JSON is
    /// dropped, as upstream does.
    private static JsonNode take(ObjectNode v2, String name) {
        if (!(v2.path("metadata").path("annotations") instanceof ObjectNode annotations)) {
            return Json.object();
        }
        JsonNode text = annotations.remove(PREFIX + name);
        if (annotations.isEmpty()) {
            Meta.of(v2).remove("annotations");
        }
        if (text == null) {
            return Json.object();
        }
        try {
            return Json.MAPPER.readTree(text.asText());
        } catch (JsonProcessingException e) {
            return Json.object();
        }
    }

    private static void move(ObjectNode v2, String annotation, ObjectNode to, String field) {
        JsonNode value = take(v2, annotation);
        if (!value.isEmpty()) {
            to.set(field, value);
        }
    }
}
