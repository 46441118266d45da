package io.insula.rules.podsecurity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// Pods, each with what every level says of it in every release: `pod-security-cases.yaml`.
///
/// A case says how its pod differs from one that every level takes: its `spec` is merged over that pod's, and each of
/// its containers over a hardened one; null takes a field away.
///
/// Source of the facts: kubernetes/pod-security-admission, `policy` and `test/testdata`.
public final class PodSecurityCases {

    /// The newest release that the cases tell of.
    public static final int NEWEST = 37;

    private static final YAMLMapper YAML = new YAMLMapper();
    private static final String HARDENED_POD =
            "{securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}},"
                    + " initContainers: [{name: init}], containers: [{name: c}]}";
    private static final String HARDENED_CONTAINER = "{image: registry.example/pause, securityContext:"
            + " {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}";

    /// @param check the check that it is about
    /// @param pod complete
    /// @param onlyFrom the first release that is judged at all
    /// @param from the first release that says `said`; those before it say `before`
    /// @param fields what both levels name, where the case tells; else empty
    public record Case(
            String check,
            String name,
            ObjectNode pod,
            int onlyFrom,
            int from,
            Said said,
            Said before,
            List<String> fields) {

        public Said at(int minor) {
            return minor < from ? before : said;
        }

        @Override
        public String toString() {
            return check + ": " + name + (from == 0 ? "" : ", v1." + from);
        }
    }

    /// The messages of each level.
    public record Said(List<String> baseline, List<String> restricted) {
        public List<String> by(PodSecurityLevel level) {
            return switch (level) {
                case PRIVILEGED -> List.of();
                case BASELINE -> baseline;
                case RESTRICTED -> restricted;
            };
        }
    }

    private PodSecurityCases() {}

    public static List<Case> all() {
        var cases = new ArrayList<Case>();
        try (var in = PodSecurityCases.class.getResourceAsStream("/pod-security-cases.yaml")) {
            YAML.readTree(Objects.requireNonNull(in, "pod-security-cases.yaml")).forEach(node -> cases.add(read(node)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.copyOf(cases);
    }

    /// The pod that every level takes, changed by `more`.
    public static ObjectNode hardened(JsonNode annotations, JsonNode more) {
        ObjectNode spec = tree(HARDENED_POD);
        merge(spec, more);
        for (var field : List.of("initContainers", "containers", "ephemeralContainers")) {
            if (spec.path(field) instanceof ArrayNode containers) {
                for (int i = 0; i < containers.size(); i++) {
                    ObjectNode container = tree(HARDENED_CONTAINER);
                    merge(container, containers.get(i));
                    containers.set(i, container);
                }
            }
        }
        ObjectNode pod = YAML.createObjectNode().put("apiVersion", "v1").put("kind", "Pod");
        ObjectNode metadata = pod.putObject("metadata").put("name", "p");
        if (annotations.isObject()) {
            metadata.set("annotations", annotations);
        }
        pod.set("spec", spec);
        return pod;
    }

    private static Case read(JsonNode node) {
        int from = node.path("from").asInt(0);
        return new Case(
                node.path("check").asText(),
                node.path("name").asText(),
                hardened(node.path("annotations"), node.path("spec")),
                node.path("only-from").asInt(0),
                from,
                said(node),
                from == 0 ? new Said(List.of(), List.of()) : said(node.path("before")),
                texts(node.path("fields")));
    }

    /// What `restricted` says where the case does not is what `baseline` says.
    private static Said said(JsonNode node) {
        var baseline = texts(node.path("baseline"));
        return new Said(baseline, node.has("restricted") ? texts(node.path("restricted")) : baseline);
    }

    private static List<String> texts(JsonNode list) {
        return list.valueStream().map(JsonNode::asText).toList();
    }

    private static ObjectNode tree(String yaml) {
        try {
            return (ObjectNode) YAML.readTree(yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void merge(ObjectNode into, JsonNode more) {
        more.properties().forEach(entry -> {
            if (entry.getValue().isNull()) {
                into.remove(entry.getKey());
            } else if (entry.getValue().isObject() && into.path(entry.getKey()) instanceof ObjectNode inner) {
                merge(inner, entry.getValue());
            } else {
                into.set(entry.getKey(), entry.getValue().deepCopy());
            }
        });
    }
}
