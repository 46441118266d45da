package io.insula.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/// The part of a [KubectlSession] about who may do what: `auth` and `certificate`.
///
/// @param minor of the release: 22 is 1.22
record KubectlAccess(Kubectl kubectl, int minor) {

    void run() {
        asksForRights();
        reconcilesRights();
        approvesCertificates();
    }

    private void asksForRights() {
        assertThat(kubectl.ok("auth can-i create deployments")).isEqualTo("yes\n");
        assertThat(kubectl.ok("auth can-i --list"))
                .containsPattern("Resources +Non-Resource URLs")
                .contains("*.*");
        Run refused = kubectl.run("auth", "can-i", "get", "pods", "--as=jane");
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.out()).startsWith("no");
        assertThat(kubectl.run("get", "pods", "--as=jane").failed())
                .contains("(Forbidden)", "User \"jane\" cannot list resource \"pods\"");
        if (minor >= 28) {
            assertThat(kubectl.ok("auth whoami"))
                    .containsPattern("Username +admin")
                    .contains("system:authenticated");
        }
    }

    private void reconcilesRights() {
        String rights = """
                apiVersion: rbac.authorization.k8s.io/v1
                kind: Role
                metadata: {name: jane, namespace: NAMESPACE}
                rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
                ---
                apiVersion: rbac.authorization.k8s.io/v1
                kind: RoleBinding
                metadata: {name: jane, namespace: NAMESPACE}
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: jane}
                subjects: [{kind: User, name: jane, apiGroup: rbac.authorization.k8s.io}]
                """.replace("NAMESPACE", kubectl.ok("config view --minify -o jsonpath={..namespace}"));
        assertThat(kubectl.runWith(rights, "auth", "reconcile", "-f", "-").ok())
                .contains(
                        "role.rbac.authorization.k8s.io/jane reconciled", "rolebinding.rbac.authorization.k8s.io/jane");
        assertThat(kubectl.ok("auth can-i get pods --as=jane")).isEqualTo("yes\n");
        assertThat(kubectl.runWith(rights.replace("[get]", "[get, list]"), "auth", "reconcile", "-f", "-")
                        .ok())
                .contains("role.rbac.authorization.k8s.io/jane reconciled");
        // a rule for what is missing
        assertThat(kubectl.ok("get role jane -o jsonpath={.rules[*].verbs[*]}")).isEqualTo("get list");
        assertThat(kubectl.ok("get pods --as=jane")).contains("web-");
    }

    private void approvesCertificates() {
        String wanted = "jane-" + minor;
        String unwanted = "joe-" + minor;
        KeyPair keys = keys();
        assertThat(kubectl.apply(request(wanted, keys)))
                .isEqualTo("certificatesigningrequest.certificates.k8s.io/" + wanted + " created\n");
        kubectl.apply(request(unwanted, keys));
        assertThat(kubectl.ok("get csr " + wanted))
                .containsPattern(wanted + " +\\S+ +kubernetes.io/kube-apiserver-client +admin +<none> +Pending");
        assertThat(kubectl.ok("certificate approve " + wanted)).contains(wanted + " approved");
        assertThat(kubectl.ok("certificate deny " + unwanted)).contains(unwanted + " denied");
        Installation.await(
                "the certificate is there",
                KubectlSession.PATIENCE,
                () -> kubectl.json("get csr " + wanted).at("/status").has("certificate"));
        X509Certificate issued = certificate(kubectl.json("get csr " + wanted));
        assertThat(issued.getSubjectX500Principal()).isEqualTo(new X500Principal("CN=jane"));
        assertThat(issued.getPublicKey()).isEqualTo(keys.getPublic());
        assertThat(kubectl.ok("get csr"))
                .containsPattern(wanted + " .*Approved,Issued")
                .containsPattern(unwanted + " .*Denied");
        assertThat(kubectl.json("get csr " + unwanted).path("status").has("certificate"))
                .isFalse();
        assertThat(kubectl.ok("describe csr " + wanted)).containsPattern("Common Name: +jane");
        assertThat(kubectl.ok("delete csr " + wanted + " " + unwanted)).contains(wanted, unwanted, "deleted");
    }

    private static X509Certificate certificate(JsonNode request) {
        byte[] pem =
                Base64.getDecoder().decode(request.at("/status/certificate").asText());
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem));
        } catch (CertificateException e) {
            throw new AssertionError("not a certificate: " + new String(pem, StandardCharsets.US_ASCII), e);
        }
    }

    private static KeyPair keys() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("keys", e);
        }
    }

    private static String request(String name, KeyPair keys) {
        try {
            byte[] request = new JcaPKCS10CertificationRequestBuilder(new X500Principal("CN=jane"), keys.getPublic())
                    .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))
                    .getEncoded();
            String pem = "-----BEGIN CERTIFICATE REQUEST-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(request)
                    + "\n-----END CERTIFICATE REQUEST-----\n";
            return """
                    apiVersion: certificates.k8s.io/v1
                    kind: CertificateSigningRequest
                    metadata: {name: %s}
                    spec:
                      request: %s
                      signerName: kubernetes.io/kube-apiserver-client
                      usages: [client auth]
                    """.formatted(name, Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII)));
        } catch (OperatorCreationException | IOException e) {
            throw new IllegalStateException("certificate request", e);
        }
    }
}
