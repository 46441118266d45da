package io.insula.tenantapi.registry;

import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.schema.ApiSchema;
import io.insula.tenantapi.schema.SchemaType;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Finds schemas: a custom kind's own, else the API description's. Thread-safe; one per JVM is enough.
public final class Schemas implements KindSchema.Lookup {

    private final ApiSchema description;
    private final Map<GroupVersionKind, KindSchema> builtIn = new ConcurrentHashMap<>();

    public Schemas(ApiSchema description) {
        this.description = description;
    }

    @Override
    public KindSchema of(ResourceKind kind) {
        return kind instanceof CustomKind custom
                ? custom.schema()
                : of(kind.spec().kind());
    }

    /// A kind that the description does not know takes any field.
    @Override
    public KindSchema of(GroupVersionKind kind) {
        return builtIn.computeIfAbsent(
                kind, k -> new BuiltInSchema(k, description.type(k).orElse(SchemaType.ANY)));
    }
}
