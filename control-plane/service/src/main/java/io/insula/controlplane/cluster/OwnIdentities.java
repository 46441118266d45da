package io.insula.controlplane.cluster;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.registry.AdmissionPlugin;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;

/// Nobody becomes one of Insula's own users or groups by asking the cluster for a certificate, as nobody becomes a
/// member of `system:masters` so. [AuthoritySigner] refuses it again, also of what was asked for earlier.
final class OwnIdentities implements AdmissionPlugin.Validating {

    private static final int ORDER = 10_002;

    @Override
    public PluginSpec spec() {
        return new PluginSpec("InsulaIdentities", ORDER, Set.of(Operation.CREATE));
    }

    @Override
    public void validate(Request request) {
        ObjectNode asked = request.object();
        if (asked == null
                || !request.resource().group().equals("certificates.k8s.io")
                || !request.resource().resource().equals("certificatesigningrequests")) {
            return;
        }
        String signer = asked.path("spec").path("signerName").asText("");
        if (signer.startsWith(WellKnownKeys.KUBERNETES_PREFIX)) {
            named(asked.path("spec").path("request").asText("")).ifPresent(name -> {
                throw ApiException.forbidden(
                        request.resource(),
                        request.name(),
                        "use of " + signer + " signer with \"" + name + "\" is not allowed");
            });
        }
    }

    /// What is no request is refused by who reads it next, in upstream's words.
    private static Optional<String> named(String encoded) {
        try {
            String pem = new String(Base64.getMimeDecoder().decode(encoded), StandardCharsets.UTF_8);
            return AuthoritySigner.ours(AuthoritySigner.parse(pem).getSubject());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
