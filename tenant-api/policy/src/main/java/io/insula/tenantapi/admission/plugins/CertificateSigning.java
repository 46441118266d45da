package io.insula.tenantapi.admission.plugins;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.registry.AdmissionPlugin;
import io.insula.tenantapi.view.Condition;
import jakarta.inject.Singleton;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Writing the certificate or the conditions of a certificate request takes the verb `sign` on its signer.
/// Source: kubernetes/plugin/pkg/admission/certificates/signing.
@Singleton
final class CertificateSigning implements AdmissionPlugin.Validating {

    @Override
    public PluginSpec spec() {
        return new PluginSpec("CertificateSigning", 220, Set.of(Operation.UPDATE));
    }

    @Override
    public void validate(Request request) {
        if (Requests.isForAny(request, SignerPermission.GROUP, "certificatesigningrequests")
                && request.subresource().equals("status")
                && (changes("certificate", request) || changes(Condition.LIST, request))) {
            SignerPermission.require("sign", request);
        }
    }

    private static boolean changes(String field, Request request) {
        return !status(request.object(), field).equals(status(request.oldObject(), field));
    }

    private static String status(@Nullable JsonNode object, String field) {
        return object == null ? "" : object.path("status").path(field).toString();
    }
}
