package io.insula.tenantapi.madeup;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.util.List;

/// What somebody writes who adds a served kind. It is there only where a context asks for what is made up.
@Singleton
@Requires(env = "made-up")
final class ToyKind implements StoredKind {

    @Override
    public KindSpec spec() {
        return KindSpec.namespaced("toys.example.com", "v1", "Toy", "toys");
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        return object.path("wheels").asInt() < 0
                ? List.of(FieldError.invalid("wheels", object.path("wheels"), "must not be negative"))
                : List.of();
    }
}
