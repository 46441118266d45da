package io.insula.tenantapi.auth;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What a request shows of who sends it, whatever protocol carried it.
///
/// @param path the path before decoding: some may be asked for by nobody in particular
/// @param headers by lower-case name, in order of arrival
/// @param clientCertificates the peer's verified chain, leaf first; empty where it showed none
/// @param proxyCertificates the peer's chain where it has been verified as a front proxy's; empty where it is none
public record Credentials(
        String path,
        Map<String, List<String>> headers,
        List<X509Certificate> clientCertificates,
        List<X509Certificate> proxyCertificates) {

    /// The first value of a header, by any case of its name.
    public Optional<String> header(String name) {
        return headers(name).stream().findFirst();
    }

    /// All values of a header, by any case of its name.
    public List<String> headers(String name) {
        return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
    }
}
