package io.insula.tenantapi.controllers.apps;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.PodWriter;
import io.insula.tenantapi.view.PodSpecView;
import io.insula.tenantapi.view.PodView;
import io.insula.tenantapi.view.WorkloadView;
import java.time.Instant;
import java.util.HashSet;
import java.util.OptionalInt;

/// The identity of a stateful set's pods: name, labels, host name and claims by ordinal. Pure.
/// Source: kubernetes, `pkg/controller/statefulset/stateful_set_utils.go`.
final class StatefulPods {

    static final String POD_NAME = "statefulset.kubernetes.io/pod-name";
    static final String POD_INDEX = "apps.kubernetes.io/pod-index";
    static final String REVISION = "controller-revision-hash";

    private StatefulPods() {}

    static int firstOrdinal(JsonNode set) {
        return set.path("spec").path("ordinals").path("start").asInt();
    }

    static String name(JsonNode set, int ordinal) {
        return Meta.name(set) + "-" + ordinal;
    }

    /// The ordinal that a pod's name says it has in this set; empty for a pod that is not of the set by its name.
    static OptionalInt ordinal(JsonNode set, JsonNode pod) {
        String name = Meta.name(pod);
        String prefix = Meta.name(set) + "-";
        String digits = name.startsWith(prefix) ? name.substring(prefix.length()) : "";
        boolean canonical = digits.equals("0") || (!digits.isEmpty() && digits.charAt(0) != '0');
        if (!canonical || digits.length() > 9 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(Integer.parseInt(digits));
    }

    static String revision(JsonNode pod) {
        return Meta.labels(pod).getOrDefault(REVISION, "");
    }

    /// A pod of `template` with the identity of `ordinal`.
    ///
    /// @param revision the name of the revision that the template comes from
    static ObjectNode pod(ObjectNode set, JsonNode template, String revision, int ordinal) {
        ObjectNode pod = PodWriter.fromTemplate(template, set);
        String name = name(set, ordinal);
        ObjectNode meta = Meta.of(pod).put("name", name);
        meta.withObjectProperty("labels")
                .put(POD_NAME, name)
                .put(POD_INDEX, Integer.toString(ordinal))
                .put(REVISION, revision);
        ObjectNode spec = pod.withObjectProperty("spec").put("hostname", name);
        String service = set.path("spec").path("serviceName").asText("");
        if (!service.isEmpty()) {
            spec.put("subdomain", service);
        }
        mountClaims(set, spec, ordinal);
        return pod;
    }

    static String claimName(JsonNode set, JsonNode claimTemplate, int ordinal) {
        return Meta.name(claimTemplate) + "-" + name(set, ordinal);
    }

    static boolean isRunningAndReady(JsonNode pod) {
        return PodView.of(pod).phase().equals("Running") && PodView.of(pod).isReady();
    }

    static boolean isHealthy(JsonNode pod) {
        return isRunningAndReady(pod) && !Meta.isBeingDeleted(pod);
    }

    static boolean isAvailable(JsonNode set, JsonNode pod, Instant now) {
        return isRunningAndReady(pod)
                && PodView.of(pod).isAvailable(WorkloadView.of(set).minReadySeconds(), now);
    }

    /// The template's own volumes give way to claims of the same name.
    private static void mountClaims(JsonNode set, ObjectNode spec, int ordinal) {
        JsonNode templates = set.path("spec").path("volumeClaimTemplates");
        if (templates.isEmpty()) {
            return;
        }
        ArrayNode volumes = Json.MAPPER.createArrayNode();
        var names = new HashSet<String>();
        for (JsonNode template : templates) {
            names.add(Meta.name(template));
            volumes.addObject()
                    .put("name", Meta.name(template))
                    .putObject("persistentVolumeClaim")
                    .put("claimName", claimName(set, template, ordinal));
        }
        for (JsonNode volume : new PodSpecView(spec).volumes()) {
            if (!names.contains(volume.path("name").asText())) {
                volumes.add(volume);
            }
        }
        spec.set("volumes", volumes);
    }
}
