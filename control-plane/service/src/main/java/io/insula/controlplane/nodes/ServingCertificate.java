package io.insula.controlplane.nodes;

import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestBuilder;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestConditionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.controlplane.home.HomeException;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.http.ServerTls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/// What a node that joins a cluster serves with: the cluster is asked for it, as kubelets ask. Stateless.
///
/// Source: Kubernetes documentation, "TLS bootstrapping", "Certificate Signing Requests"
/// (`kubernetes.io/kubelet-serving`).
final class ServingCertificate {

    private static final String SIGNER = WellKnownKeys.KUBELET_SERVING;
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private ServingCertificate() {}

    /// Blocks until the cluster has signed it.
    ///
    /// @param asNode asks
    /// @param asJoiner approves, where it may; else somebody else must, within five minutes
    /// @throws HomeException naming what the cluster refuses
    static ServerTls request(String node, String address, KubernetesClient asNode, KubernetesClient asJoiner) {
        try {
            KeyPair keys = keys();
            CertificateSigningRequest made = asNode.resource(new CertificateSigningRequestBuilder()
                            .withNewMetadata()
                            .withGenerateName("insula-node-")
                            .endMetadata()
                            .withNewSpec()
                            .withSignerName(SIGNER)
                            .withUsages("digital signature", "server auth")
                            .withRequest(encoded(pem(request(node, address, keys))))
                            .endSpec()
                            .build())
                    .create();
            String name = made.getMetadata().getName();
            approve(asJoiner, name);
            CertificateSigningRequest signed = asNode.certificates()
                    .v1()
                    .certificateSigningRequests()
                    .withName(name)
                    .waitUntilCondition(ServingCertificate::isOver, PATIENCE.toSeconds(), TimeUnit.SECONDS);
            String certificate = signed.getStatus().getCertificate();
            if (certificate == null || certificate.isEmpty()) {
                throw new HomeException("the cluster does not sign the serving certificate " + name + ": "
                        + signed.getStatus().getConditions());
            }
            return new ServerTls(chain(certificate), keys.getPrivate(), clientAuthorities(asJoiner), List.of());
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException("a certificate request cannot be made", e);
        }
    }

    private static boolean isOver(CertificateSigningRequest request) {
        return request != null
                && request.getStatus() != null
                && (request.getStatus().getCertificate() != null
                        || request.getStatus().getConditions().stream()
                                .anyMatch(condition -> !condition.getType().equals("Approved")));
    }

    private static void approve(KubernetesClient client, String name) {
        try {
            client.certificates()
                    .v1()
                    .certificateSigningRequests()
                    .withName(name)
                    .approve(new CertificateSigningRequestConditionBuilder()
                            .withType("Approved")
                            .withStatus("True")
                            .withReason("NodeJoins")
                            .withMessage("asked for by insula node run")
                            .build());
        } catch (KubernetesClientException e) {
            if (e.getCode() != 403) {
                throw e;
            }
            System.out.println("approve the node's certificate: kubectl certificate approve " + name);
        }
    }

    /// Whom the cluster's API server shows itself as. Source: Kubernetes documentation, "Configure the
    /// Aggregation Layer", `extension-apiserver-authentication`.
    private static List<X509Certificate> clientAuthorities(KubernetesClient client) throws GeneralSecurityException {
        var map = client.configMaps()
                .inNamespace("kube-system")
                .withName("extension-apiserver-authentication")
                .get();
        String bundle = map == null ? "" : map.getData().getOrDefault("client-ca-file", "");
        if (bundle.isEmpty()) {
            throw new HomeException("the cluster does not say by which authority its API server is known"
                    + " (configmap kube-system/extension-apiserver-authentication)");
        }
        return certificates(bundle.getBytes(StandardCharsets.US_ASCII));
    }

    private static List<X509Certificate> chain(String encoded) throws GeneralSecurityException {
        return certificates(Base64.getMimeDecoder().decode(encoded));
    }

    private static List<X509Certificate> certificates(byte[] pem) throws GeneralSecurityException {
        return CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem)).stream()
                .map(Certificate.class::cast)
                .map(X509Certificate.class::cast)
                .toList();
    }

    private static KeyPair keys() throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static Object request(String node, String address, KeyPair keys)
            throws OperatorCreationException, IOException {
        var extensions = new ExtensionsGenerator();
        extensions.addExtension(
                Extension.subjectAlternativeName,
                false,
                new GeneralNames(new GeneralName(GeneralName.iPAddress, address)));
        return new JcaPKCS10CertificationRequestBuilder(
                        new X500Name("O=system:nodes,CN=system:node:" + node), keys.getPublic())
                .addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate())
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()));
    }

    private static String pem(Object request) throws IOException {
        var text = new StringWriter();
        try (var writer = new JcaPEMWriter(text)) {
            writer.writeObject(request);
        }
        return text.toString();
    }

    private static String encoded(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }
}
