package io.insula.tenantapi.crd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import jakarta.inject.Singleton;
import java.util.List;

/// The definition itself. Its names are accepted and it is established by the very write that stores it: whoever sees
/// the condition can use the resource. Source: apiextensions-apiserver, `registry/customresourcedefinition`.
@Singleton
final class CustomResourceDefinitionKind implements StoredKind {

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

    @Override
    public void applyDefaults(ObjectNode object) {
        DefinitionStatus.applyDefaults(object);
    }

    @Override
    public void prepareForCreate(ObjectNode object, WriteContext context) {
        ObjectNode metadata = Meta.of(object);
        if (!Meta.finalizers(object).contains(DefinitionStatus.FINALIZER)) {
            metadata.withArrayProperty("finalizers").add(DefinitionStatus.FINALIZER);
        }
        DefinitionStatus.write(object, context);
    }

    @Override
    public void prepareForUpdate(ObjectNode wanted, JsonNode current, WriteContext context) {
        if (context.subresource().isEmpty()) {
            DefinitionStatus.write(wanted, context);
        }
        if (Meta.isBeingDeleted(wanted) && Meta.finalizers(wanted).contains(DefinitionStatus.FINALIZER)) {
            DefinitionStatus.terminating(wanted, context.now());
        }
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        return DefinitionRules.onCreate(object);
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        return DefinitionRules.onUpdate(wanted, current);
    }

    @Override
    public boolean isOnlyStampedAtDeletion() {
        return true;
    }
}
