package io.insula.tenantapi.usage;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ObservedKind;
import io.insula.tenantapi.registry.ServerServices;
import java.util.List;

/// What `kubectl top node` shows.
final class NodeMetricsKind implements ObservedKind {

    private static final String KIND = "NodeMetrics";
    private static final KindSpec SPEC =
            KindSpec.cluster(Samples.GROUP, Samples.VERSION, KIND, "nodes").verbs("get", "list");

    private final MetricsSource source;

    NodeMetricsKind(MetricsSource source) {
        this.source = source;
    }

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public List<ObjectNode> observe(ServerServices services) {
        return source.nodes().stream()
                .map(node -> {
                    ObjectNode object = Samples.sample(KIND, node.name(), node.labels(), node.window());
                    object.set("usage", Samples.usage(node.usage()));
                    return object;
                })
                .toList();
    }

    @Override
    public List<Column> columns() {
        return Samples.columns(object -> List.of(object.path("usage")));
    }
}
