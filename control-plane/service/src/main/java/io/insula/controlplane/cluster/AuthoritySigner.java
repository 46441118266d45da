package io.insula.controlplane.cluster;

import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.pki.KeyAndCertificate;
import io.insula.tenantapi.controllers.CertificateSigner;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;

/// Signs a cluster's certificate signing requests with that cluster's own authority. Immutable. Of a
/// request's extensions only the alternative names are taken over; usages are those that were approved.
/// Source: kubernetes, `pkg/controller/certificates/authority`.
final class AuthoritySigner implements CertificateSigner {

    /// Source: kubernetes, `--cluster-signing-cert-file`, defaultBackdate.
    private static final Duration BACKDATED = Duration.ofMinutes(5);

    private static final Map<String, Integer> KEY_USAGES = Map.of(
            "digital signature", KeyUsage.digitalSignature,
            "signing", KeyUsage.digitalSignature,
            "content commitment", KeyUsage.nonRepudiation,
            "key encipherment", KeyUsage.keyEncipherment,
            "key agreement", KeyUsage.keyAgreement,
            "data encipherment", KeyUsage.dataEncipherment);
    private static final Map<String, KeyPurposeId> PURPOSES = Map.of(
            "client auth", KeyPurposeId.id_kp_clientAuth,
            "server auth", KeyPurposeId.id_kp_serverAuth,
            "code signing", KeyPurposeId.id_kp_codeSigning,
            "email protection", KeyPurposeId.id_kp_emailProtection,
            "timestamping", KeyPurposeId.id_kp_timeStamping,
            "ocsp signing", KeyPurposeId.id_kp_OCSPSigning);

    private final KeyAndCertificate authority;
    private final Clock clock;

    AuthoritySigner(KeyAndCertificate authority, Clock clock) {
        this.authority = authority;
        this.clock = clock;
    }

    @Override
    public Subject read(String requestPem) {
        PKCS10CertificationRequest request = parse(requestPem);
        X500Name subject = request.getSubject();
        requireNotOurs(subject);
        var dnsNames = new ArrayList<String>();
        var addresses = new ArrayList<String>();
        boolean others = false;
        for (GeneralName name : alternatives(request)) {
            switch (name.getTagNo()) {
                case GeneralName.dNSName -> dnsNames.add(name.getName().toString());
                case GeneralName.iPAddress -> addresses.add(address(name));
                default -> others = true;
            }
        }
        List<String> names = values(subject, BCStyle.CN);
        // of several the last one counts, as for who reads the certificate
        String commonName = names.isEmpty() ? "" : names.getLast();
        List<String> organizations = values(subject, BCStyle.O);
        return new Subject(commonName, organizations, dnsNames, addresses, others);
    }

    @Override
    public String sign(String requestPem, Set<String> usages, Duration validity) {
        PKCS10CertificationRequest request = parse(requestPem);
        requireNotOurs(request.getSubject());
        Instant now = clock.instant();
        Instant last = authority.certificate().getNotAfter().toInstant();
        Instant wanted = now.plus(validity);
        var issuer = X500Name.getInstance(
                authority.certificate().getSubjectX500Principal().getEncoded());
        var builder = new X509v3CertificateBuilder(
                issuer,
                new BigInteger(127, new SecureRandom()).add(BigInteger.ONE),
                Date.from(now.minus(BACKDATED)),
                Date.from(wanted.isBefore(last) ? wanted : last),
                request.getSubject(),
                request.getSubjectPublicKeyInfo());
        try {
            int bits = usages.stream()
                    .mapToInt(usage -> KEY_USAGES.getOrDefault(usage, 0))
                    .reduce(0, (a, b) -> a | b);
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(bits));
            KeyPurposeId[] purposes = usages.stream()
                    .sorted()
                    .filter(PURPOSES::containsKey)
                    .map(usage -> PURPOSES.getOrDefault(usage, KeyPurposeId.anyExtendedKeyUsage))
                    .toArray(KeyPurposeId[]::new);
            if (purposes.length > 0) {
                builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes));
            }
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(authority.certificate()));
            GeneralName[] names = alternatives(request);
            if (names.length > 0) {
                builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
            }
            var content = new JcaContentSignerBuilder("SHA256withECDSA").build(authority.key());
            return pem(builder.build(content));
        } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException("cannot sign a certificate", e);
        }
    }

    /// Whom a request's subject names of Insula's own users and groups; empty for nobody.
    static Optional<String> ours(X500Name subject) {
        return Stream.concat(values(subject, BCStyle.CN).stream(), values(subject, BCStyle.O).stream())
                .filter(name -> name.startsWith(ClusterPki.OWN))
                .findFirst();
    }

    private static void requireNotOurs(X500Name subject) {
        ours(subject).ifPresent(name -> {
            throw new IllegalArgumentException("nobody is signed in as \"" + name + "\"");
        });
    }

    /// All of one type, in their order, also where one part of the name has several.
    private static List<String> values(X500Name subject, ASN1ObjectIdentifier type) {
        return Arrays.stream(subject.getRDNs())
                .flatMap(part -> Arrays.stream(part.getTypesAndValues()))
                .filter(value -> value.getType().equals(type))
                .flatMap(value ->
                        value.getValue() instanceof ASN1String text ? Stream.of(text.getString()) : Stream.empty())
                .toList();
    }

    /// @throws IllegalArgumentException when it is no request, or not signed by its own key
    static PKCS10CertificationRequest parse(String pem) {
        try (var parser = new PEMParser(new StringReader(pem))) {
            if (parser.readObject() instanceof PKCS10CertificationRequest request) {
                var verifier = new JcaContentVerifierProviderBuilder().build(request.getSubjectPublicKeyInfo());
                if (request.isSignatureValid(verifier)) {
                    return request;
                }
                throw new IllegalArgumentException("the request is not signed by its own key");
            }
        } catch (IOException | OperatorCreationException | PKCSException e) {
            throw new IllegalArgumentException("no PKCS #10 request: " + e.getMessage(), e);
        }
        throw new IllegalArgumentException("PEM block type must be CERTIFICATE REQUEST");
    }

    private static GeneralName[] alternatives(PKCS10CertificationRequest request) {
        GeneralNames names = request.getRequestedExtensions() == null
                ? null
                : GeneralNames.fromExtensions(request.getRequestedExtensions(), Extension.subjectAlternativeName);
        return names == null ? new GeneralName[0] : names.getNames();
    }

    private static String address(GeneralName name) {
        try {
            return InetAddress.getByAddress(
                            ASN1OctetString.getInstance(name.getName()).getOctets())
                    .getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("an alternative name is no IP address", e);
        }
    }

    private static String pem(X509CertificateHolder certificate) throws IOException {
        var text = new StringWriter();
        try (var writer = new JcaPEMWriter(text)) {
            writer.writeObject(certificate);
        }
        return text.toString();
    }
}
