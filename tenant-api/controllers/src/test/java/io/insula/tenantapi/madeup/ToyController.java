package io.insula.tenantapi.madeup;

import io.insula.reconcile.Outcome;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.Key;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;

/// What somebody writes who adds a controller: here, one that paints toys.
@Singleton
@Requires(env = "made-up")
final class ToyController implements ControllerFactory {

    private static final GroupVersionResource TOYS = new GroupVersionResource("toys.example.com", "v1", "toys");

    @Override
    public String name() {
        return "toy-controller";
    }

    @Override
    public Controller create(ControllerContext context) {
        var toys = context.store(TOYS);
        return new Controller() {
            @Override
            public ControllerSpec spec() {
                return ControllerSpec.of(TOYS);
            }

            @Override
            public Outcome reconcile(Key key) {
                toys.get(key)
                        .filter(toy -> toy.path("colour").asText().isEmpty())
                        .ifPresent(_ -> context.client()
                                .mergePatch(
                                        TOYS,
                                        key.namespace(),
                                        key.name(),
                                        "",
                                        Json.object().put("colour", "red")));
                return Outcome.SETTLED;
            }
        };
    }
}
