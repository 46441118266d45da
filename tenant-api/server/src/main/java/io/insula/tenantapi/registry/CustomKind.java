package io.insula.tenantapi.registry;

/// A kind that a CustomResourceDefinition declares: it brings its own schema.
public interface CustomKind extends ResourceKind {

    KindSchema schema();

    @Override
    default boolean isCustom() {
        return true;
    }
}
