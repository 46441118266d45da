package io.insula.tenantapi.kinds.extension;

import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;

@Singleton
final class CustomResourceDefinitionKind implements ResourceKind {

    @Override
    public KindSpec spec() {
        return KindSpec.cluster("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions")
                .shortNames("crd", "crds")
                .storedAt("apiextensions.k8s.io/customresourcedefinitions")
                .categories("api-extensions")
                .noUnconditionalUpdate()
                .withGeneration()
                .withStatus();
    }
}
