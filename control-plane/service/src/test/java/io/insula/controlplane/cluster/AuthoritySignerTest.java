package io.insula.controlplane.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.controlplane.pki.CertificateAuthority;
import java.io.ByteArrayInputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Set;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AuthoritySignerTest {

    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

    private final Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
    private final CertificateAuthority authority = CertificateAuthority.create("test-ca", clock);
    private final AuthoritySigner signer = new AuthoritySigner(authority.own(), clock);
    private final KeyPair keys = CertificateAuthority.newKeyPair();

    @Test
    void signsForTheKeyOfTheRequestAndNothingElse() throws Exception {
        String request = request(keys, keys);
        var subject = signer.read(request);
        assertThat(subject.commonName()).isEqualTo("alice");
        assertThat(subject.organizations()).containsExactly("dev");
        assertThat(subject.dnsNames()).containsExactly("alice.example.com");
        assertThat(subject.ipAddresses()).containsExactly("10.0.0.7");
        assertThat(subject.otherNames()).isFalse();

        X509Certificate certificate =
                certificate(signer.sign(request, Set.of("client auth", "digital signature"), Duration.ofHours(2)));
        certificate.verify(authority.own().certificate().getPublicKey());
        assertThat(certificate.getPublicKey()).isEqualTo(keys.getPublic());
        assertThat(certificate.getNotAfter().toInstant()).isEqualTo(NOW.plus(Duration.ofHours(2)));
        assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
        assertThat(certificate.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
        assertThat(certificate.getSubjectAlternativeNames()).hasSize(2);
    }

    @Test
    void outlivesTheAuthorityByNothing() throws Exception {
        X509Certificate certificate =
                certificate(signer.sign(request(keys, keys), Set.of("client auth"), Duration.ofDays(100_000)));
        assertThat(certificate.getNotAfter())
                .isEqualTo(authority.own().certificate().getNotAfter());
    }

    @Test
    void refusesWhatIsNoRequestOrAnothersKey() throws Exception {
        assertThatThrownBy(() -> signer.read("hello")).isInstanceOf(IllegalArgumentException.class);
        String stolen = request(keys, CertificateAuthority.newKeyPair());
        assertThatThrownBy(() -> signer.read(stolen)).hasMessage("the request is not signed by its own key");
        assertThatThrownBy(() -> signer.sign(stolen, Set.of("client auth"), Duration.ofHours(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /// However the name is put together: several parts, several values of one part, several common names.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "CN=insula:syncer",
                "O=insula:syncer,CN=x",
                "O=dev,O=insula:syncer,CN=x",
                "O=dev+O=insula:cluster-admins,CN=x",
                "CN=x+O=insula:anything",
                "CN=x,CN=insula:syncer",
                "O=insula:,CN=x"
            })
    void signsNobodyIntoOurOwnGroups(String subject) throws Exception {
        String request = request(subject, keys, keys);
        assertThatThrownBy(() -> signer.read(request)).hasMessageContaining("nobody is signed in as \"insula:");
        assertThatThrownBy(() -> signer.sign(request, Set.of("client auth"), Duration.ofHours(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /// Who reads the certificate reads all of them, so the rules of signers must see them.
    @Test
    void readsAllValuesOfANamesPart() throws Exception {
        var subject = signer.read(request("O=system:nodes+O=system:masters,CN=system:node:a,CN=admin", keys, keys));
        assertThat(subject.organizations()).containsExactlyInAnyOrder("system:nodes", "system:masters");
        assertThat(subject.commonName()).isEqualTo("admin");
    }

    private static String request(KeyPair named, KeyPair signing) throws Exception {
        return request("O=dev,CN=alice", named, signing);
    }

    static String request(String subject, KeyPair named, KeyPair signing) throws Exception {
        var builder = new JcaPKCS10CertificationRequestBuilder(new X500Name(subject), named.getPublic());
        var extensions = new ExtensionsGenerator();
        extensions.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName[] {
            new GeneralName(GeneralName.dNSName, "alice.example.com"),
            new GeneralName(GeneralName.iPAddress, "10.0.0.7")
        }));
        builder.addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate());
        var text = new StringWriter();
        try (var writer = new JcaPEMWriter(text)) {
            writer.writeObject(
                    builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signing.getPrivate())));
        }
        return text.toString();
    }

    private static X509Certificate certificate(String pem) throws Exception {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }
}
