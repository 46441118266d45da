package io.insula.controlplane.pki;

import io.insula.rules.network.IpAddress;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// Signs certificates: EC P-256 keys, SHA-256 signatures, random serial numbers of 127 bits. Immutable.
///
/// Certificates start one minute in the past, so that clocks slightly behind accept them.
public final class CertificateAuthority {

    private static final Duration SKEW = Duration.ofMinutes(1);

    private final KeyAndCertificate own;
    private final Clock clock;

    public CertificateAuthority(KeyAndCertificate own, Clock clock) {
        this.own = own;
        this.clock = clock;
    }

    /// A new self-signed authority.
    public static CertificateAuthority create(String commonName, Clock clock) {
        return create(commonName, newKeyPair(), clock);
    }

    static CertificateAuthority create(String commonName, KeyPair keys, Clock clock) {
        X500Name name = name(commonName, List.of());
        Instant now = clock.instant();
        try {
            var builder = builder(name, name, keys.getPublic(), now, now.plus(CertificateSpec.LONG));
            var extensions = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(
                    Extension.keyUsage,
                    true,
                    new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign | KeyUsage.digitalSignature));
            builder.addExtension(
                    Extension.subjectKeyIdentifier, false, extensions.createSubjectKeyIdentifier(keys.getPublic()));
            X509Certificate certificate = sign(builder, keys);
            return new CertificateAuthority(new KeyAndCertificate(keys.getPrivate(), certificate), clock);
        } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException("cannot make the authority " + commonName, e);
        }
    }

    /// A new EC P-256 key pair.
    public static KeyPair newKeyPair() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no EC P-256", e);
        }
    }

    public KeyAndCertificate own() {
        return own;
    }

    public String certificatePem() {
        return own.certificatePem();
    }

    /// A new key with a certificate for it.
    public KeyAndCertificate issue(CertificateSpec spec) {
        return issue(spec, newKeyPair());
    }

    KeyAndCertificate issue(CertificateSpec spec, KeyPair keys) {
        Instant now = clock.instant();
        try {
            var issuer = X500Name.getInstance(
                    own.certificate().getSubjectX500Principal().getEncoded());
            X500Name subject = name(spec.commonName(), spec.organizations());
            var builder = builder(issuer, subject, keys.getPublic(), now, now.plus(spec.validity()));
            var extensions = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(Extension.extendedKeyUsage, false, purposes(spec));
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    extensions.createAuthorityKeyIdentifier(own.certificate()));
            if (!spec.names().isEmpty()) {
                builder.addExtension(Extension.subjectAlternativeName, false, alternatives(spec.names()));
            }
            X509Certificate certificate =
                    sign(builder, new KeyPair(own.certificate().getPublicKey(), own.key()));
            return new KeyAndCertificate(keys.getPrivate(), certificate);
        } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException("cannot issue a certificate for " + spec.commonName(), e);
        }
    }

    private static JcaX509v3CertificateBuilder builder(
            X500Name issuer, X500Name subject, PublicKey key, Instant now, Instant until) {
        var serial = new BigInteger(127, new SecureRandom()).add(BigInteger.ONE);
        return new JcaX509v3CertificateBuilder(
                issuer, serial, Date.from(now.minus(SKEW)), Date.from(until), subject, key);
    }

    private static X509Certificate sign(JcaX509v3CertificateBuilder builder, KeyPair signer)
            throws OperatorCreationException, GeneralSecurityException {
        var content = new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate());
        return new JcaX509CertificateConverter().getCertificate(builder.build(content));
    }

    private static X500Name name(String commonName, List<String> organizations) {
        var builder = new X500NameBuilder(BCStyle.INSTANCE);
        organizations.forEach(o -> builder.addRDN(BCStyle.O, o));
        builder.addRDN(BCStyle.CN, commonName);
        return builder.build();
    }

    private static ExtendedKeyUsage purposes(CertificateSpec spec) {
        return new ExtendedKeyUsage(spec.usages().stream()
                .sorted()
                .map(usage -> switch (usage) {
                    case SERVER -> KeyPurposeId.id_kp_serverAuth;
                    case CLIENT -> KeyPurposeId.id_kp_clientAuth;
                })
                .toArray(KeyPurposeId[]::new));
    }

    private static GeneralNames alternatives(List<String> names) {
        return new GeneralNames(names.stream()
                .map(n -> new GeneralName(
                        IpAddress.parse(n).isPresent() ? GeneralName.iPAddress : GeneralName.dNSName, n))
                .toArray(GeneralName[]::new));
    }
}
