package io.insula.tenantapi.admission.plugins;

import io.insula.tenantapi.auth.Authorizer;
import io.insula.tenantapi.registry.AdmissionPlugin;
import java.util.Set;

/// Approving a certificate request takes the verb `approve` on its signer.
/// Source: kubernetes/plugin/pkg/admission/certificates/approval.
public final class CertificateApproval implements AdmissionPlugin.Validating {

    private final SignerPermission permission;

    public CertificateApproval(Authorizer authorizer) {
        this.permission = new SignerPermission(authorizer);
    }

    @Override
    public PluginSpec spec() {
        return new PluginSpec("CertificateApproval", 210, Set.of(Operation.UPDATE));
    }

    @Override
    public void validate(Request request) {
        if (Requests.isForAny(request, SignerPermission.GROUP, "certificatesigningrequests")
                && request.subresource().equals("approval")) {
            permission.require("approve", request);
        }
    }
}
