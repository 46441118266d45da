package io.insula.tenantapi.controllers;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.Meta;

/// The name of an object within its resource: what queues hold. `namespace` is empty for cluster-scoped objects.
public record Key(String namespace, String name) {

    public static Key of(JsonNode object) {
        return new Key(Meta.namespace(object), Meta.name(object));
    }

    public static Key cluster(String name) {
        return new Key("", name);
    }

    @Override
    public String toString() {
        return namespace.isEmpty() ? name : namespace + "/" + name;
    }
}
