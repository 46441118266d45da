package io.insula.tenantapi.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.auth.structured.AnonymousAccess;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;

class UnionAuthenticatorTest {

    private static final Instant NOW = Instant.parse("2026-11-21T06:00:00Z");

    private final Authenticator x509 = new ClientCertificateAuthenticator(
            () -> NOW, certificate -> certificate.getSerialNumber().intValue() == 13);
    private final Authenticator badToken = request -> {
        throw ApiException.unauthorized();
    };
    private final Authenticator union = new UnionAuthenticator(
            List.of(x509, request -> Optional.empty()), new AnonymousAuthenticator(AnonymousAccess.STANDARD::allows));

    @Test
    void takesUserAndGroupsFromTheCertificate() throws Exception {
        var user = union.authenticate(
                        request("/api", certificate(1, Duration.ofHours(1), KeyPurposeId.id_kp_clientAuth)))
                .orElseThrow();

        assertThat(user.name()).isEqualTo("jane, the \"admin\"");
        assertThat(user.groups()).containsExactly("dev", "ops", "system:authenticated");
        assertThat(user.extra().get("authentication.kubernetes.io/credential-id"))
                .singleElement()
                .asString()
                .matches("X509SHA256=[0-9a-f]{64}");
    }

    @Test
    void refusesExpiredRevokedAndServerCertificates() throws Exception {
        for (var certificate : List.of(
                certificate(1, Duration.ofSeconds(-1), KeyPurposeId.id_kp_clientAuth),
                certificate(13, Duration.ofHours(1), KeyPurposeId.id_kp_clientAuth),
                certificate(1, Duration.ofHours(1), KeyPurposeId.id_kp_serverAuth))) {
            assertThatThrownBy(() -> union.authenticate(request("/livez", certificate)))
                    .hasMessage("Unauthorized");
        }
    }

    @Test
    void letsAGoodCertificateWinOverABadToken() throws Exception {
        var both = new UnionAuthenticator(
                List.of(badToken, x509), new AnonymousAuthenticator(AnonymousAccess.STANDARD::allows));

        assertThat(both.authenticate(
                        request("/api", certificate(1, Duration.ofHours(1), KeyPurposeId.id_kp_clientAuth))))
                .isPresent();
    }

    @Test
    void neverTakesABadTokenForNobody() {
        var bad =
                new UnionAuthenticator(List.of(badToken), new AnonymousAuthenticator(AnonymousAccess.STANDARD::allows));

        assertThatThrownBy(() -> bad.authenticate(request("/livez"))).hasMessage("Unauthorized");
    }

    @Test
    void knowsNobodyOnHealthAndVersionPathsOnly() {
        assertThat(union.authenticate(request("/version")).orElseThrow().groups())
                .containsExactly("system:unauthenticated");
        for (String path : List.of("/api", "/api/v1/namespaces", "/version/../api", "/livez/../api/v1/secrets", "/")) {
            assertThat(union.authenticate(request(path))).as(path).isEmpty();
        }
    }

    private static Credentials request(String path, X509Certificate... chain) {
        return new Credentials(path, Map.of(), List.of(chain), List.of());
    }

    private static X509Certificate certificate(int serial, Duration left, KeyPurposeId usage) throws Exception {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair keys = generator.generateKeyPair();
        var name = new X500Name("O=dev,O=ops,CN=jane\\, the \\\"admin\\\"");
        var builder = new JcaX509v3CertificateBuilder(
                name,
                BigInteger.valueOf(serial),
                Date.from(NOW.minusSeconds(60)),
                Date.from(NOW.plus(left)),
                name,
                keys.getPublic());
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(usage));
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
    }
}
