package io.insula.tenantapi.kinds.autoscaling;

import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;

@Singleton
final class HorizontalPodAutoscalerV1Kind implements ResourceKind {

    @Override
    public KindSpec spec() {
        return KindSpec.namespaced("autoscaling", "v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers")
                .shortNames("hpa")
                .categories("all")
                .withStatus();
    }
}
