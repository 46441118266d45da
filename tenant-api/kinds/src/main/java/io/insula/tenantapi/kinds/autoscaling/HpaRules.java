package io.insula.tenantapi.kinds.autoscaling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// What both versions of HorizontalPodAutoscaler share; columns are made from the v2 form.
final class HpaRules {

    private HpaRules() {}

    static List<FieldError> validate(JsonNode object) {
        JsonNode spec = object.path("spec");
        var checks = new Checks()
                .required(spec.path("scaleTargetRef"), "spec.scaleTargetRef", "kind")
                .required(spec.path("scaleTargetRef"), "spec.scaleTargetRef", "name");
        long min = spec.path("minReplicas").asLong(1);
        long max = spec.path("maxReplicas").asLong();
        if (min < 1) {
            checks.add(FieldError.invalid("spec.minReplicas", min, "must be greater than or equal to 1"));
        }
        if (max < 1) {
            checks.add(FieldError.invalid("spec.maxReplicas", max, "must be greater than 0"));
        } else if (max < min) {
            checks.add(FieldError.invalid("spec.maxReplicas", max, "must be greater than or equal to `minReplicas`"));
        }
        return checks.errors();
    }

    /// Scaling rules are filled only where some are given. Source: kubernetes `pkg/apis/autoscaling/v2/defaults.go`.
    static void defaultBehavior(ObjectNode spec) {
        Fields.ifObject(spec, "behavior", behavior -> {
            ObjectNode up = Fields.object(behavior, "scaleUp");
            Fields.defaultTo(up, "stabilizationWindowSeconds", 0);
            Fields.defaultText(up, "selectPolicy", "Max");
            if (up.path("policies").isEmpty()) {
                up.putArray("policies").add(policy("Pods", 4)).add(policy("Percent", 100));
            }
            ObjectNode down = Fields.object(behavior, "scaleDown");
            Fields.defaultText(down, "selectPolicy", "Max");
            if (down.path("policies").isEmpty()) {
                down.putArray("policies").add(policy("Percent", 100));
            }
        });
    }

    private static ObjectNode policy(String type, int value) {
        return Json.object().put("type", type).put("value", value).put("periodSeconds", 15);
    }

    static List<Column> columns(UnaryOperator<JsonNode> v2) {
        return List.of(
                Printers.NAME,
                Column.of(
                        "Reference",
                        (o, now) -> Checks.at(o, "spec.scaleTargetRef.kind").asText("") + "/"
                                + Checks.at(o, "spec.scaleTargetRef.name").asText("")),
                Column.of("Targets", (o, now) -> targets(v2.apply(o))),
                Printers.text("MinPods", "spec.minReplicas", Printers.UNSET),
                Printers.number("MaxPods", "spec.maxReplicas"),
                Printers.number("Replicas", "status.currentReplicas"),
                Printers.AGE);
    }

    /// `cpu: 10%/80%, memory: <unknown>/1Gi`; other metrics by type.
    static String targets(JsonNode autoscaler) {
        var all = new ArrayList<String>();
        for (JsonNode metric : autoscaler.path("spec").path("metrics")) {
            String name = Checks.at(metric, "resource.name").asText("");
            if (name.isEmpty()) {
                all.add(Printers.UNKNOWN + "/" + metric.path("type").asText());
                continue;
            }
            all.add(name + ": " + used(autoscaler, name) + "/" + amount(Checks.at(metric, "resource.target")));
        }
        return all.isEmpty() ? Printers.NONE : String.join(", ", all);
    }

    private static String used(JsonNode autoscaler, String name) {
        for (JsonNode metric : autoscaler.path("status").path("currentMetrics")) {
            if (Checks.at(metric, "resource.name").asText("").equals(name)) {
                return amount(Checks.at(metric, "resource.current"));
            }
        }
        return Printers.UNKNOWN;
    }

    private static String amount(JsonNode value) {
        return value.path("averageUtilization").isNumber()
                ? value.path("averageUtilization").asInt() + "%"
                : Printers.orElse(value.path("averageValue").asText(""), Printers.UNKNOWN);
    }
}
