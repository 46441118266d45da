package io.insula.tenantapi.controllers;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/// Port: signs certificates with the authority of one cluster. The key stays on the other side. Thread-safe.
public interface CertificateSigner {

    /// Refuses everything: certificate signing requests wait for another signer.
    CertificateSigner NONE = new CertificateSigner() {
        @Override
        public Subject read(String requestPem) {
            throw new IllegalArgumentException("this cluster signs no certificates");
        }

        @Override
        public String sign(String requestPem, Set<String> usages, Duration validity) {
            throw new IllegalStateException("this cluster signs no certificates");
        }
    };

    /// Whom a request is for.
    ///
    /// @param otherNames whether it names e-mail addresses or URIs
    record Subject(
            String commonName,
            List<String> organizations,
            List<String> dnsNames,
            List<String> ipAddresses,
            boolean otherNames) {

        public Subject {
            organizations = List.copyOf(organizations);
            dnsNames = List.copyOf(dnsNames);
            ipAddresses = List.copyOf(ipAddresses);
        }
    }

    /// @param requestPem a PKCS #10 request, PEM
    /// @throws IllegalArgumentException where it is none, or not signed by its own key
    Subject read(String requestPem);

    /// @param usages key usages in Kubernetes' words (`client auth`, `digital signature` …)
    /// @param validity from now; cut where the authority itself ends earlier
    /// @return the certificate, PEM
    String sign(String requestPem, Set<String> usages, Duration validity);
}
