package io.insula.syncer.kinds;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.insula.syncer.engine.TenantView;
import java.util.LinkedHashMap;
import java.util.Map;

/// Messages that the host wrote about a pod, in the tenant's words: its own names for the pod, for what the pod mounts
/// and for its readiness gates.
///
/// @param words what to write, by what the host writes
record HostWords(Map<String, String> words) {

    static HostWords of(Pod tenant, TenantView view) {
        var words = new LinkedHashMap<String, String>();
        var namespace = Kinds.namespace(tenant);
        words.put(view.names().hostName(Kinds.POD.kind(), namespace, Kinds.name(tenant)), Kinds.name(tenant));
        Workloads.references(tenant, namespace)
                .forEach(each -> words.put(view.names().hostName(each.kind(), namespace, each.name()), each.name()));
        var own = ReadinessGates.types(tenant);
        var hosts = ReadinessGates.hostTypes(tenant);
        for (int i = 0; i < own.size(); i++) {
            words.put(hosts.get(i), own.get(i));
        }
        words.put(view.names().tenant().hostNamespace(), namespace);
        return new HostWords(words);
    }

    /// Every `message` in the tree.
    void translate(JsonNode tree) {
        if (tree instanceof ObjectNode object && object.get("message") instanceof TextNode message) {
            object.put("message", translate(message.asText()));
        }
        tree.forEach(this::translate);
    }

    String translate(String message) {
        var translated = message;
        for (var word : words.entrySet()) {
            translated = translated.replace(word.getKey(), word.getValue());
        }
        return translated;
    }
}
