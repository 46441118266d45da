package io.insula.controlplane.pki;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/// A kubeconfig with everything embedded: one cluster, one user, one context.
///
/// @param cluster the name of cluster and context, e.g. `insula-acme`
/// @param endpoint `https://host:port`
/// @param authorityPem what the client trusts
public record Kubeconfig(
        String cluster, String endpoint, String authorityPem, String user, KeyAndCertificate credentials) {

    /// The YAML text that kubectl reads. Source: Kubernetes documentation, "kubeconfig (v1)".
    public String toYaml() {
        return """
                apiVersion: v1
                kind: Config
                clusters:
                - name: %1$s
                  cluster:
                    server: %2$s
                    certificate-authority-data: %3$s
                users:
                - name: "%4$s"
                  user:
                    client-certificate-data: %5$s
                    client-key-data: %6$s
                contexts:
                - name: %1$s
                  context:
                    cluster: %1$s
                    user: "%4$s"
                current-context: %1$s
                """.formatted(
                        cluster,
                        endpoint,
                        base64(authorityPem),
                        user,
                        base64(credentials.certificatePem()),
                        base64(credentials.ecKeyPem()));
    }

    public IssuedKubeconfig issued() {
        return IssuedKubeconfig.of(toYaml(), credentials.certificate());
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }
}
