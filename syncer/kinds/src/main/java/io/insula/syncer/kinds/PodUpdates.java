package io.insula.syncer.kinds;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.PatchHost;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.TenantView;
import io.insula.syncer.engine.Trees;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What may change in a pod that runs: labels, annotations, images, the conditions of its readiness gates, and what
/// [SpecUpdates] carries. The rest was fixed when it was created, also where the tenant's profile changed since.
final class PodUpdates {

    private PodUpdates() {}

    static List<Change> of(Pod tenant, HasMetadata host, PodTranslator translator, TenantView view) {
        var wanted = translator.meta(tenant, view, Kinds.annotation(host, InsulaLabels.PROFILE));
        var changes = new ArrayList<Change>();
        var patch = Trees.object();
        var meta = Trees.object();
        marks("labels", host.getMetadata().getLabels(), wanted.getLabels(), meta);
        marks("annotations", host.getMetadata().getAnnotations(), wanted.getAnnotations(), meta);
        if (!meta.isEmpty()) {
            patch.set("metadata", meta);
        }
        if (host instanceof Pod pod) {
            images(
                    PodLists.ORDINARY,
                    pod.getSpec().getContainers(),
                    tenant.getSpec().getContainers(),
                    patch);
            images(
                    PodLists.INIT,
                    pod.getSpec().getInitContainers(),
                    tenant.getSpec().getInitContainers(),
                    patch);
            ReadinessGates.patch(tenant, pod)
                    .ifPresent(gates -> changes.add(new PatchHost(Kinds.POD, host, "status", gates)));
        }
        if (!patch.isEmpty()) {
            changes.add(new PatchHost(PodSyncer.kindOf(host), host, patch));
        }
        changes.addAll(SpecUpdates.of(tenant, host, translator, view));
        return changes;
    }

    private static void marks(
            String field, @Nullable Map<String, String> current, Map<String, String> wanted, ObjectNode meta) {
        var have = current == null ? Map.<String, String>of() : current;
        var marks = Trees.object();
        wanted.forEach((key, value) -> {
            if (!value.equals(have.get(key))) {
                marks.put(key, value);
            }
        });
        have.keySet().stream()
                .filter(key -> isTenants(key) && !wanted.containsKey(key))
                .forEach(marks::putNull);
        if (!marks.isEmpty()) {
            meta.set(field, marks);
        }
    }

    private static boolean isTenants(String key) {
        return key.startsWith(InsulaLabels.TENANT_LABEL_PREFIX)
                || key.startsWith(NamespaceLabels.PREFIX)
                || key.equals(InsulaLabels.OPEN)
                || key.equals(InsulaLabels.OPEN_EGRESS);
    }

    private static void images(String field, List<Container> current, List<Container> wanted, ObjectNode patch) {
        var images = wanted.stream()
                .filter(container -> container.getImage() != null)
                .collect(Collectors.toMap(Container::getName, Container::getImage, (first, _) -> first));
        if (current.stream().noneMatch(container -> isOther(images.get(container.getName()), container.getImage()))) {
            return;
        }
        var changed = (ArrayNode) Trees.of(current);
        for (var container : changed) {
            var image = images.get(container.path("name").asText());
            if (isOther(image, container.path("image").asText())) {
                ((ObjectNode) container).put("image", image);
            }
        }
        patch.withObject("/spec").set(field, changed);
    }

    private static boolean isOther(@Nullable String image, @Nullable String current) {
        return image != null && !image.equals(current);
    }
}
