package io.insula.tenantapi.admission.plugins;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.auth.Authorizer;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.fake.FakeObjectClient;
import io.insula.tenantapi.registry.AdmissionPlugin;
import io.insula.tenantapi.registry.AdmissionPlugin.Operation;
import io.insula.tenantapi.registry.AdmissionPlugin.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Runs one plugin over one request, both phases, as the engine would.
final class Admission {

    private static final UserInfo ALICE = new UserInfo("alice", "", List.of(UserInfo.AUTHENTICATED), Map.of());

    private Admission() {}

    /// The object after admission of its creation.
    static ObjectNode create(
            AdmissionPlugin plugin, FakeObjectClient store, GroupVersionResource resource, String yaml) {
        ObjectNode object = FakeObjectClient.yaml(yaml);
        run(plugin, request(Operation.CREATE, store, resource, object, null));
        return object;
    }

    static ObjectNode update(
            AdmissionPlugin plugin, FakeObjectClient store, GroupVersionResource resource, String old, String wanted) {
        ObjectNode object = FakeObjectClient.yaml(wanted);
        run(plugin, request(Operation.UPDATE, store, resource, object, FakeObjectClient.yaml(old)));
        return object;
    }

    static void delete(AdmissionPlugin plugin, FakeObjectClient store, GroupVersionResource resource, String yaml) {
        run(plugin, request(Operation.DELETE, store, resource, null, FakeObjectClient.yaml(yaml)));
    }

    static void run(AdmissionPlugin plugin, Request request) {
        if (!plugin.spec().operations().contains(request.operation())) {
            return;
        }
        if (plugin instanceof AdmissionPlugin.Mutating mutating) {
            mutating.admit(request);
        }
        if (plugin instanceof AdmissionPlugin.Validating validating) {
            validating.validate(request);
        }
    }

    static Request request(
            Operation operation,
            FakeObjectClient store,
            GroupVersionResource resource,
            @Nullable ObjectNode object,
            @Nullable ObjectNode old) {
        return request(operation, store, resource, "", object, old);
    }

    static Request request(
            Operation operation,
            FakeObjectClient store,
            GroupVersionResource resource,
            String subresource,
            @Nullable ObjectNode object,
            @Nullable ObjectNode old) {
        ObjectNode named = object == null ? old : object;
        return new Request(
                operation,
                resource,
                new GroupVersionKind(resource.group(), resource.version(), "Any"),
                subresource,
                named == null ? "" : Meta.namespace(named),
                named == null ? "" : Meta.name(named),
                object,
                old,
                ALICE,
                false,
                store,
                _ -> Authorizer.Decision.NO_OPINION,
                new ArrayList<>(),
                (_, _) -> {});
    }
}
