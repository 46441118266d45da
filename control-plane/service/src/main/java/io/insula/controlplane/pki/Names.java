package io.insula.controlplane.pki;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The subject alternative names of a certificate, as text.
final class Names {

    private Names() {}

    static Set<String> of(X509Certificate certificate) {
        var names = new HashSet<String>();
        try {
            Collection<List<?>> all = certificate.getSubjectAlternativeNames();
            if (all != null) {
                all.forEach(entry -> names.add(String.valueOf(entry.get(1))));
            }
        } catch (CertificateParsingException e) {
            throw new IllegalStateException(
                    certificate.getSubjectX500Principal().toString(), e);
        }
        return names;
    }
}
