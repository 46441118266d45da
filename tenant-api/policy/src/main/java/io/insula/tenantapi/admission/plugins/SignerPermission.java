package io.insula.tenantapi.admission.plugins;

import io.insula.tenantapi.auth.Attributes;
import io.insula.tenantapi.registry.AdmissionPlugin.Request;

/// Whether a user may use a signer: by its name or by the wildcard of its domain.
/// Source: kubernetes/pkg/registry/certificates, `authorization`.
final class SignerPermission {

    static final String GROUP = "certificates.k8s.io";

    private SignerPermission() {}

    /// @throws io.insula.tenantapi.api.ApiException (403) unless the user may `verb` what the stored request's signer
    /// does
    static void require(String verb, Request request) {
        var stored = request.oldObject();
        String signer =
                stored == null ? "" : stored.path("spec").path("signerName").asText("");
        String domain = signer.substring(0, Math.max(signer.indexOf('/'), 0));
        if (!may(verb, request, signer) && !may(verb, request, domain + "/*")) {
            throw Requests.forbidden(
                    request, "user not permitted to " + verb + " requests with signerName \"" + signer + "\"");
        }
    }

    private static boolean may(String verb, Request request, String signer) {
        return request.authorizer()
                .authorize(new Attributes(request.user(), verb, GROUP, "*", "signers", "", "", signer, ""))
                .allowed();
    }
}
