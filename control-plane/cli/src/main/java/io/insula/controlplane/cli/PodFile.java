package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.view.ContainerView.Kind;
import io.insula.tenantapi.view.WorkloadView;
import java.util.ArrayList;
import java.util.List;

/// The pods in a file of YAML or JSON: Pods as they are written, and of everything that has a pod template one pod of
/// it, by the name of what has it.
final class PodFile {

    private PodFile() {}

    /// @param file `-` for standard input
    /// @throws CommandException for a file that cannot be read, or has no pod
    static List<ObjectNode> read(String file) {
        var pods = new ArrayList<ObjectNode>();
        ManifestFile.read(file).forEach(document -> add(document, pods));
        if (pods.isEmpty()) {
            throw new CommandException(file + ": has no pod (expected: a Pod, or something with a pod template)");
        }
        return List.copyOf(pods);
    }

    private static void add(JsonNode document, List<ObjectNode> pods) {
        if (document.path("kind").asText().endsWith("List")) {
            document.path("items").forEach(item -> add(item, pods));
            return;
        }
        if (document.path("kind").asText().equals("Pod") && document instanceof ObjectNode pod) {
            pods.add(pod);
            return;
        }
        WorkloadView named = WorkloadView.of(document);
        WorkloadView workload = named.spec().has("jobTemplate") ? named.jobTemplate() : named;
        boolean isTemplate = workload.podSpec().list(Kind.ORDINARY).isArray();
        if (isTemplate && workload.template() instanceof ObjectNode found) {
            ObjectNode pod = found.deepCopy();
            pod.put("apiVersion", "v1").put("kind", "Pod");
            ObjectNode metadata = pod.withObjectProperty("metadata");
            metadata.put("name", document.path("metadata").path("name").asText(""));
            String namespace = document.path("metadata").path("namespace").asText("");
            if (!namespace.isEmpty()) {
                metadata.put("namespace", namespace);
            }
            claims(document, pod);
            pods.add(pod);
        }
    }

    /// Its pods mount what the template has no volume for.
    ///
    /// Source: kubernetes/kubernetes, `pkg/controller/statefulset/stateful_set_utils.go`, `updateStorage`.
    private static void claims(JsonNode statefulSet, ObjectNode pod) {
        for (JsonNode claim : statefulSet.path("spec").path("volumeClaimTemplates")) {
            String name = claim.path("metadata").path("name").asText("");
            ArrayNode volumes = pod.withObjectProperty("spec").withArrayProperty("volumes");
            volumes.removeIf(each -> each.path("name").asText("").equals(name));
            volumes.addObject()
                    .put("name", name)
                    .putObject("persistentVolumeClaim")
                    .put(
                            "claimName",
                            name + "-" + pod.path("metadata").path("name").asText("") + "-0");
        }
    }
}
