package io.insula.tenantapi.madeup;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.auth.Attributes;
import io.insula.tenantapi.registry.AdmissionPlugin;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.util.Set;

/// What somebody writes who adds an admission plugin, one that asks what the user may do.
@Singleton
@Requires(env = "made-up")
final class ToyPlugin implements AdmissionPlugin.Validating {

    @Override
    public PluginSpec spec() {
        return new PluginSpec("SafeToys", 1, Set.of(Operation.CREATE));
    }

    @Override
    public void validate(Request request) {
        if (request.name().equals("bomb") && !mayArm(request)) {
            throw ApiException.forbidden(request.resource(), request.name(), "this is no toy");
        }
    }

    private static boolean mayArm(Request request) {
        var arming = new Attributes(
                request.user(), "arm", "toys.example.com", "v1", "toys", "", request.namespace(), request.name(), "");
        return request.authorizer().authorize(arming).allowed();
    }
}
