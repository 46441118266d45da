package io.insula.tenantapi.egress;

import java.nio.charset.StandardCharsets;

/// Who may answer. A value.
///
/// @param caBundle PEM; empty for the platform's authorities
/// @param verify whether the certificate is looked at at all
public record Trust(String caBundle, boolean verify) {

    /// By the authorities of a bundle.
    public static Trust in(byte[] caBundle) {
        return new Trust(new String(caBundle, StandardCharsets.ISO_8859_1), true);
    }

    /// Whoever answers is believed.
    public static Trust anybody() {
        return new Trust("", false);
    }

    byte[] bytes() {
        return caBundle.getBytes(StandardCharsets.ISO_8859_1);
    }
}
