package io.insula.tenantapi.bootstrap;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.flowcontrol.Mandatory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Turns `objects.yaml` into objects.
final class ObjectsFile {

    private static final GroupVersionResource NAMESPACES = new GroupVersionResource("", "v1", "namespaces");
    private static final GroupVersionResource PRIORITY_CLASSES =
            new GroupVersionResource("scheduling.k8s.io", "v1", "priorityclasses");
    private static final String FLOW_CONTROL = "flowcontrol.apiserver.k8s.io";
    private static final GroupVersionResource LEVELS =
            new GroupVersionResource(FLOW_CONTROL, "v1", "prioritylevelconfigurations");
    private static final GroupVersionResource SCHEMAS = new GroupVersionResource(FLOW_CONTROL, "v1", "flowschemas");
    private static final String AUTO_UPDATE = "apf.kubernetes.io/autoupdate-spec";

    private final JsonNode file = YamlResource.read("objects.yaml");

    List<Wanted> namespaces() {
        return file.path("namespaces")
                .valueStream()
                .map(name -> {
                    ObjectNode namespace = object("v1", "Namespace", name.asText());
                    Meta.of(namespace).putObject("labels").put(WellKnownKeys.NAMESPACE_NAME, name.asText());
                    return Wanted.once(NAMESPACES, namespace);
                })
                .toList();
    }

    List<Wanted> others() {
        var all = new ArrayList<Wanted>();
        file.path("priorityClasses").properties().forEach(entry -> {
            ObjectNode priority = object("scheduling.k8s.io/v1", "PriorityClass", entry.getKey());
            priority.setAll((ObjectNode) entry.getValue().deepCopy());
            priority.put("preemptionPolicy", "PreemptLowerPriority");
            all.add(Wanted.once(PRIORITY_CLASSES, priority));
        });
        all.addAll(flowControl());
        return all;
    }

    List<Wanted> flowControl() {
        var all = new ArrayList<Wanted>();
        file.path("priorityLevels").properties().forEach(entry -> {
            ObjectNode level = flowControl("PriorityLevelConfiguration", entry.getKey());
            level.set("spec", entry.getValue().deepCopy());
            all.add(new Wanted(LEVELS, level, ObjectsFile::autoUpdate));
        });
        file.path("flowSchemas")
                .properties()
                .forEach(entry -> all.add(
                        new Wanted(SCHEMAS, flowSchema(entry.getKey(), entry.getValue()), ObjectsFile::autoUpdate)));
        return all;
    }

    private static ObjectNode flowSchema(String name, JsonNode entry) {
        ObjectNode schema = flowControl("FlowSchema", name);
        ObjectNode spec = schema.putObject("spec");
        if (entry.has("by")) {
            spec.putObject("distinguisherMethod").put("type", entry.path("by").asText());
        }
        spec.put("matchingPrecedence", entry.path("precedence").asInt());
        spec.putObject("priorityLevelConfiguration")
                .put("name", entry.path("level").asText());
        ObjectNode rule = spec.putArray("rules").addObject();
        if (entry.path("all").asBoolean()) {
            rule.set("nonResourceRules", anything("nonResourceURLs"));
            rule.set("resourceRules", anything("apiGroups", "resources", "namespaces"));
            ((ObjectNode) rule.path("resourceRules").path(0)).put("clusterScope", true);
        }
        for (String field : List.of("nonResourceRules", "resourceRules")) {
            if (entry.has(field)) {
                rule.set(field, entry.path(field).deepCopy());
            }
        }
        var subjects = rule.putArray("subjects");
        entry.path("subjects").forEach(subject -> Subjects.addToFlowSchema(subjects, subject.asText()));
        return schema;
    }

    private static JsonNode anything(String... fields) {
        var rules = Json.MAPPER.createArrayNode();
        ObjectNode rule = rules.addObject();
        rule.putArray("verbs").add("*");
        for (String field : fields) {
            rule.putArray(field).add("*");
        }
        return rules;
    }

    /// Compares what is wanted only: the stored spec also carries defaults.
    private static Optional<ObjectNode> autoUpdate(ObjectNode current, ObjectNode wanted) {
        boolean ours = Mandatory.NAMES.contains(Meta.name(wanted))
                || Meta.annotations(current).getOrDefault(AUTO_UPDATE, "").equals("true");
        return !ours || contains(current.path("spec"), wanted.path("spec"))
                ? Optional.empty()
                : Wanted.replace("spec", current, wanted);
    }

    private static boolean contains(JsonNode current, JsonNode wanted) {
        if (wanted.isObject()) {
            return wanted.properties().stream()
                    .allMatch(entry -> contains(current.path(entry.getKey()), entry.getValue()));
        }
        if (wanted.isArray()) {
            if (current.size() != wanted.size()) {
                return false;
            }
            for (int i = 0; i < wanted.size(); i++) {
                if (!contains(current.path(i), wanted.path(i))) {
                    return false;
                }
            }
            return true;
        }
        return current.asText().equals(wanted.asText());
    }

    private static ObjectNode flowControl(String kind, String name) {
        ObjectNode object = object(FLOW_CONTROL + "/v1", kind, name);
        Meta.of(object).putObject("annotations").put(AUTO_UPDATE, "true");
        return object;
    }

    static ObjectNode object(String apiVersion, String kind, String name) {
        ObjectNode object = Json.object().put("apiVersion", apiVersion).put("kind", kind);
        Meta.of(object).put("name", name);
        return object;
    }
}
