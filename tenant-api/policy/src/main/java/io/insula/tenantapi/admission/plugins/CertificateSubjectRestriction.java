package io.insula.tenantapi.admission.plugins;

import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.registry.AdmissionPlugin;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Set;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;

/// Nobody becomes a member of `system:masters` by asking for a client certificate.
/// Source: kubernetes/plugin/pkg/admission/certificates/subjectrestriction.
@Singleton
final class CertificateSubjectRestriction implements AdmissionPlugin.Validating {

    @Override
    public PluginSpec spec() {
        return new PluginSpec("CertificateSubjectRestriction", 240, Set.of(Operation.CREATE));
    }

    @Override
    public void validate(Request request) {
        if (!Requests.isFor(request, SignerPermission.GROUP, "certificatesigningrequests")) {
            return;
        }
        var spec = Requests.object(request).path("spec");
        if (spec.path("signerName").asText("").equals(WellKnownKeys.CLIENT_SIGNER)
                && organizations(request, spec.path("request").asText("")).anyMatch(UserInfo.MASTERS::equals)) {
            throw Requests.forbidden(
                    request,
                    "use of " + WellKnownKeys.CLIENT_SIGNER + " signer with system:masters group is not allowed");
        }
    }

    private static Stream<String> organizations(Request request, String encoded) {
        X500Name subject = subject(request, encoded);
        return Arrays.stream(subject.getRDNs(BCStyle.O))
                .flatMap(rdn -> Arrays.stream(rdn.getTypesAndValues()))
                .filter(value -> value.getType().equals(BCStyle.O))
                .flatMap(value ->
                        value.getValue() instanceof ASN1String text ? Stream.of(text.getString()) : Stream.empty());
    }

    private static X500Name subject(Request request, String encoded) {
        try {
            String pem = new String(Base64.getDecoder().decode(encoded), StandardCharsets.US_ASCII);
            try (var parser = new PEMParser(new StringReader(pem))) {
                if (parser.readObject() instanceof PKCS10CertificationRequest found) {
                    return found.getSubject();
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            throw Requests.forbidden(request, "failed to parse CSR: " + e.getMessage());
        }
        throw Requests.forbidden(request, "failed to parse CSR: PEM block type must be CERTIFICATE REQUEST");
    }
}
