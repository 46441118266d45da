package io.insula.tenantapi.admission.plugins;

import io.insula.tenantapi.registry.AdmissionPlugin;
import jakarta.inject.Singleton;
import java.util.Set;

/// Approving a certificate request takes the verb `approve` on its signer.
/// Source: kubernetes/plugin/pkg/admission/certificates/approval.
@Singleton
final class CertificateApproval implements AdmissionPlugin.Validating {

    @Override
    public PluginSpec spec() {
        return new PluginSpec("CertificateApproval", 210, Set.of(Operation.UPDATE));
    }

    @Override
    public void validate(Request request) {
        if (Requests.isForAny(request, SignerPermission.GROUP, "certificatesigningrequests")
                && request.subresource().equals("approval")) {
            SignerPermission.require("approve", request);
        }
    }
}
