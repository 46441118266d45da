package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;

/// A kind that a CustomResourceDefinition declares: it brings its own schema.
public interface CustomKind extends StoredKind {

    KindSchema schema();

    /// Its `openAPIV3Schema` as published; not to be changed.
    ObjectNode openApiSchema();

    @Override
    default boolean isCustom() {
        return true;
    }
}
