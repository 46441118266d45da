package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.auth.Authorizer;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.registry.AdmissionPlugin.Operation;
import io.insula.tenantapi.registry.AdmissionPlugin.Request;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Runs the admission plugins of one server in upstream's order. Immutable.
final class AdmissionChain {

    private final List<AdmissionPlugin> plugins;
    private final Supplier<ObjectClient> client;
    private final Authorizer authorizer;

    AdmissionChain(List<AdmissionPlugin> plugins, Supplier<ObjectClient> client, Authorizer authorizer) {
        this.plugins = plugins.stream()
                .sorted(Comparator.comparingInt((AdmissionPlugin p) -> p.spec().order())
                        .thenComparing(p -> p.spec().name()))
                .toList();
        this.client = client;
        this.authorizer = authorizer;
    }

    /// A request for the object that `target` names; a create carries the name that the object has so far.
    Request request(
            Operation operation,
            Target target,
            @Nullable ObjectNode object,
            @Nullable ObjectNode old,
            Caller caller,
            boolean dryRun) {
        KindSpec spec = target.spec();
        return new Request(
                operation,
                spec.gvr(),
                target.bodyKind(),
                target.subresource(),
                target.namespace(),
                target.name(),
                object,
                old,
                caller.user(),
                dryRun,
                client.get(),
                authorizer,
                caller.warnings(),
                caller.annotate());
    }

    void mutate(Request request) {
        var settled = new ArrayList<AdmissionPlugin.Mutating>();
        boolean again = false;
        for (AdmissionPlugin plugin : plugins) {
            if (plugin instanceof AdmissionPlugin.Mutating mutating
                    && plugin.spec().operations().contains(request.operation())) {
                boolean changed = mutating.admitAndTell(request);
                again |= changed;
                if (!changed) {
                    settled.add(mutating);
                }
            }
        }
        if (again) {
            settled.forEach(plugin -> plugin.admit(request));
        }
    }

    void validate(Request request) {
        for (AdmissionPlugin plugin : plugins) {
            if (plugin instanceof AdmissionPlugin.Validating validating
                    && plugin.spec().operations().contains(request.operation())) {
                validating.validate(request);
            }
        }
    }
}
