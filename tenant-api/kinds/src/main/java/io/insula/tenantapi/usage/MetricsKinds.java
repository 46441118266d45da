package io.insula.tenantapi.usage;

import io.insula.tenantapi.registry.ResourceKind;
import java.util.List;

/// The kinds of `metrics.k8s.io` for one server.
public final class MetricsKinds {

    private MetricsKinds() {}

    public static List<ResourceKind> of(MetricsSource source) {
        return List.of(new NodeMetricsKind(source), new PodMetricsKind(source));
    }
}
