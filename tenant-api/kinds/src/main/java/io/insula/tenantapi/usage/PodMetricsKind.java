package io.insula.tenantapi.usage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ObservedKind;
import io.insula.tenantapi.registry.ServerServices;
import io.insula.tenantapi.usage.MetricsSource.PodUsage;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// What `kubectl top pod` shows, and HorizontalPodAutoscalers go by.
final class PodMetricsKind implements ObservedKind {

    private static final String KIND = "PodMetrics";
    private static final KindSpec SPEC =
            KindSpec.namespaced(Samples.GROUP, Samples.VERSION, KIND, "pods").verbs("get", "list");

    private final MetricsSource source;

    PodMetricsKind(MetricsSource source) {
        this.source = source;
    }

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public List<ObjectNode> observe(ServerServices services) {
        return source.pods().stream().map(PodMetricsKind::sample).toList();
    }

    private static ObjectNode sample(PodUsage pod) {
        ObjectNode object = Samples.sample(KIND, pod.name(), pod.labels(), pod.window());
        ((ObjectNode) object.path("metadata")).put("namespace", pod.namespace());
        ArrayNode containers = object.putArray("containers");
        new TreeMap<>(pod.containers())
                .forEach((name, usage) ->
                        containers.addObject().put("name", name).set("usage", Samples.usage(usage)));
        return object;
    }

    @Override
    public List<Column> columns() {
        return Samples.columns(object -> {
            var usages = new ArrayList<JsonNode>();
            object.path("containers").forEach(container -> usages.add(container.path("usage")));
            return usages;
        });
    }
}
