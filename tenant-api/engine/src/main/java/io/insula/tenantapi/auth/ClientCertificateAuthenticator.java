package io.insula.tenantapi.auth;

import io.insula.rules.digest.Sha256;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.api.ApiException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;

/// Takes the TLS client certificate: the common name is the user, the organizations are the groups. The HTTP
/// edge has already verified the chain against the tenant's own authority and nothing else; this class checks
/// again what may have changed since the handshake (life time, revocation), because connections outlive both.
///
/// Source: Kubernetes documentation, "X509 client certificates"; kubernetes/apiserver, `request/x509`.
public final class ClientCertificateAuthenticator implements Authenticator {

    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    private static final String ANY_USAGE = "2.5.29.37.0";
    private static final ASN1ObjectIdentifier UID = new ASN1ObjectIdentifier("1.3.6.1.4.1.57683.2");

    private final InstantSource clock;
    private final Predicate<X509Certificate> revoked;
    /// Whom the certificates of open connections name. Read once: a connection carries many requests.
    private final Map<X509Certificate, Optional<UserInfo>> named = Collections.synchronizedMap(new WeakHashMap<>());

    /// @param revoked asked on every request; must answer from memory
    public ClientCertificateAuthenticator(InstantSource clock, Predicate<X509Certificate> revoked) {
        this.clock = clock;
        this.revoked = revoked;
    }

    @Override
    public Optional<UserInfo> authenticate(Credentials shown) {
        if (shown.clientCertificates().isEmpty()) {
            return Optional.empty();
        }
        X509Certificate leaf = shown.clientCertificates().getFirst();
        Optional<UserInfo> user = named.computeIfAbsent(leaf, ClientCertificateAuthenticator::nameOf);
        if (user.isPresent() && (!isAlive(leaf, clock.instant()) || !isForClients(leaf) || revoked.test(leaf))) {
            throw ApiException.unauthorized();
        }
        return user;
    }

    private static Optional<UserInfo> nameOf(X509Certificate leaf) {
        var subject = X500Name.getInstance(leaf.getSubjectX500Principal().getEncoded());
        List<String> names = values(subject, BCStyle.CN);
        if (names.isEmpty() || names.getLast().isEmpty()) {
            return Optional.empty();
        }
        List<String> uids = values(subject, UID);
        return Optional.of(new UserInfo(
                names.getLast(),
                uids.isEmpty() ? "" : uids.getLast(),
                Groups.authenticated(values(subject, BCStyle.O)),
                Map.of(WellKnownKeys.CREDENTIAL_ID, List.of("X509SHA256=" + fingerprint(leaf)))));
    }

    static List<String> commonNames(X509Certificate leaf) {
        return values(X500Name.getInstance(leaf.getSubjectX500Principal().getEncoded()), BCStyle.CN);
    }

    static boolean isAlive(X509Certificate leaf, Instant now) {
        return !now.isBefore(leaf.getNotBefore().toInstant())
                && !now.isAfter(leaf.getNotAfter().toInstant());
    }

    private static boolean isForClients(X509Certificate leaf) {
        try {
            List<String> usages = leaf.getExtendedKeyUsage();
            return usages == null || usages.contains(CLIENT_AUTH) || usages.contains(ANY_USAGE);
        } catch (CertificateParsingException e) {
            return false;
        }
    }

    private static List<String> values(X500Name name, ASN1ObjectIdentifier type) {
        return Arrays.stream(name.getRDNs(type))
                .flatMap(rdn -> Arrays.stream(rdn.getTypesAndValues()))
                .filter(value -> value.getType().equals(type))
                .flatMap(value ->
                        value.getValue() instanceof ASN1String text ? Stream.of(text.getString()) : Stream.empty())
                .toList();
    }

    private static String fingerprint(X509Certificate leaf) {
        try {
            return Sha256.hex(leaf.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("certificate cannot be hashed", e);
        }
    }
}
