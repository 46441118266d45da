package io.insula.tenantapi.admission.plugins;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.registry.AdmissionPlugin;
import jakarta.inject.Singleton;
import java.util.Set;

/// Nothing is written to a namespace that does not exist, nothing new to one that is being deleted, and the three
/// namespaces that a cluster cannot do without stay.
///
/// Source: kubernetes/apiserver, `admission/plugin/namespace/lifecycle`.
@Singleton
final class NamespaceLifecycle implements AdmissionPlugin.Mutating, AdmissionPlugin.Validating {

    private static final Set<String> IMMORTAL = Set.of("default", "kube-system", "kube-public");
    private static final GroupVersionResource NAMESPACES = Requests.core("namespaces");

    @Override
    public PluginSpec spec() {
        return new PluginSpec("NamespaceLifecycle", 10, Set.of(Operation.CREATE, Operation.UPDATE, Operation.DELETE));
    }

    @Override
    public void admit(Request request) {
        if (request.operation() == Operation.DELETE
                || request.namespace().isEmpty()
                || Requests.isForAny(request, "", "namespaces")
                || Requests.isForAny(request, "authorization.k8s.io", "localsubjectaccessreviews")) {
            return;
        }
        ObjectNode namespace = request.client()
                .recent()
                .get(NAMESPACES, "", request.namespace())
                .or(() -> request.client().get(NAMESPACES, "", request.namespace()))
                .orElseThrow(() -> ApiException.notFound(NAMESPACES, request.namespace()));
        boolean terminating = namespace.path("status").path("phase").asText("").equals("Terminating");
        if (terminating && request.operation() == Operation.CREATE) {
            throw terminating(request);
        }
    }

    @Override
    public void validate(Request request) {
        boolean deletesNamespace = request.operation() == Operation.DELETE && Requests.isFor(request, "", "namespaces");
        if (deletesNamespace && IMMORTAL.contains(request.name())) {
            throw ApiException.forbidden(request.resource(), request.name(), "this namespace may not be deleted");
        }
    }

    private static ApiException terminating(Request request) {
        ObjectNode status = Requests.forbidden(
                        request,
                        "unable to create new content in namespace " + request.namespace()
                                + " because it is being terminated")
                .status()
                .deepCopy();
        status.withObjectProperty("details")
                .putArray("causes")
                .addObject()
                .put("reason", "NamespaceTerminating")
                .put("message", "namespace " + request.namespace() + " is being terminated")
                .put("field", "metadata.namespace");
        return ApiException.ofStatus(status);
    }
}
