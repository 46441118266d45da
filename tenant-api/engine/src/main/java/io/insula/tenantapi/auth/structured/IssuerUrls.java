package io.insula.tenantapi.auth.structured;

import io.insula.tenantapi.api.FieldError;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How an issuer may be reached: over HTTPS, with nothing secret in the URL.
final class IssuerUrls {

    private IssuerUrls() {}

    static List<FieldError> check(String path, String text) {
        var errors = new ArrayList<FieldError>();
        URI url;
        try {
            url = new URI(text);
        } catch (URISyntaxException e) {
            return List.of(FieldError.invalid(path, text, "parse \"" + text + "\": " + e.getReason()));
        }
        if (!"https".equals(url.getScheme())) {
            errors.add(FieldError.invalid(path, text, "URL scheme must be https"));
        }
        if (url.getRawUserInfo() != null) {
            errors.add(FieldError.invalid(path, text, "URL must not contain a username or password"));
        }
        if (url.getRawQuery() != null && !url.getRawQuery().isEmpty()) {
            errors.add(FieldError.invalid(path, text, "URL must not contain a query"));
        }
        if (url.getRawFragment() != null && !url.getRawFragment().isEmpty()) {
            errors.add(FieldError.invalid(path, text, "URL must not contain a fragment"));
        }
        return errors;
    }

    /// What is wrong with an authority in PEM; empty where nothing is.
    static Optional<String> authorityFault(String pem) {
        if (pem.isEmpty()) {
            return Optional.empty();
        }
        try {
            boolean none = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)))
                    .isEmpty();
            return none ? Optional.of("data does not contain any valid RSA or ECDSA certificates") : Optional.empty();
        } catch (CertificateException e) {
            return Optional.of("data does not contain any valid RSA or ECDSA certificates");
        }
    }
}
