package io.insula.tenantapi.http;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/// A certificate authority for tests and what it issues.
public final class TestPki {

    /// A certificate with its key.
    public record Identity(X509Certificate certificate, PrivateKey key) {}

    private final Identity authority;

    public TestPki(String name) throws Exception {
        KeyPair keys = keys();
        this.authority = issue(name, keys, keys.getPrivate(), name, null, Duration.ofDays(1));
    }

    public X509Certificate certificate() {
        return authority.certificate();
    }

    public Identity server() throws Exception {
        return issue(
                "CN=server",
                keys(),
                authority.key(),
                authority.certificate().getSubjectX500Principal().getName(),
                KeyPurposeId.id_kp_serverAuth,
                Duration.ofDays(1));
    }

    /// A server's that has one DNS name more.
    public Identity server(String name) throws Exception {
        return issue(
                "CN=" + name,
                keys(),
                authority.key(),
                authority.certificate().getSubjectX500Principal().getName(),
                KeyPurposeId.id_kp_serverAuth,
                Duration.ofDays(1));
    }

    public Identity client(String subject) throws Exception {
        return client(subject, KeyPurposeId.id_kp_clientAuth, Duration.ofDays(1));
    }

    /// @param purpose none for a certificate that names no usage
    /// @param validity negative for an expired one
    Identity client(String subject, @Nullable KeyPurposeId purpose, Duration validity) throws Exception {
        return issue(
                subject,
                keys(),
                authority.key(),
                authority.certificate().getSubjectX500Principal().getName(),
                purpose,
                validity);
    }

    public ServerTls serverTls() throws Exception {
        Identity server = server();
        return new ServerTls(List.of(server.certificate()), server.key(), List.of(certificate()));
    }

    /// A client's context that trusts this authority; `identity` may be null.
    public SSLContext clientContext(@Nullable Identity identity) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("ca", certificate());
        var trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        if (identity != null) {
            own.setKeyEntry("me", identity.key(), new char[0], new X509Certificate[] {identity.certificate()});
        }
        var keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(own, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static String commonName(String subject) {
        return subject.substring(subject.lastIndexOf("CN=") + 3).replaceAll(",.*", "");
    }

    private static KeyPair keys() throws Exception {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static Identity issue(
            String subject,
            KeyPair keys,
            PrivateKey issuer,
            String issuerName,
            @Nullable KeyPurposeId purpose,
            Duration validity)
            throws Exception {
        Instant now = Instant.now();
        Instant from = now.minus(Duration.ofDays(2));
        var builder = new JcaX509v3CertificateBuilder(
                new X500Name(issuerName),
                BigInteger.valueOf(System.nanoTime()),
                Date.from(from),
                Date.from(now.plus(validity)),
                new X500Name(subject),
                keys.getPublic());
        boolean authority = subject.equals(issuerName);
        if (authority) {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        }
        if (purpose != null) {
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
        }
        if (!authority) {
            builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName[] {
                new GeneralName(GeneralName.iPAddress, "127.0.0.1"),
                new GeneralName(GeneralName.dNSName, "localhost"),
                new GeneralName(GeneralName.dNSName, commonName(subject))
            }));
        }
        var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(issuer);
        return new Identity(new JcaX509CertificateConverter().getCertificate(builder.build(signer)), keys.getPrivate());
    }
}
