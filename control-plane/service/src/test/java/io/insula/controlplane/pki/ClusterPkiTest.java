package io.insula.controlplane.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.controlplane.home.HomeException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SignatureException;
import java.security.interfaces.ECPrivateKey;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class ClusterPkiTest {

    private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

    @TempDir
    private Path folder;

    @Test
    void keepsTheSameKeysOverReopening() {
        ClusterPki first = open("acme");
        ClusterPki second = open("acme");

        assertThat(second.authority().certificatePem())
                .isEqualTo(first.authority().certificatePem());
        assertThat(second.server().certificatePem()).isEqualTo(first.server().certificatePem());
        assertThat(second.serviceAccountKey().getPublic())
                .isEqualTo(first.serviceAccountKey().getPublic());
    }

    @Test
    void issuesWithTheRightUsagesAndNames() throws Exception {
        ClusterPki pki = open("acme");

        assertThat(pki.server().certificate().getExtendedKeyUsage()).containsExactly(SERVER_AUTH);
        assertThat(Names.of(pki.server().certificate()))
                .contains("localhost", "127.0.0.1", "kubernetes.default.svc", "10.1.2.3");
        assertThat(pki.etcdServer().certificate().getExtendedKeyUsage()).contains(SERVER_AUTH, CLIENT_AUTH);
        assertThat(pki.etcdClient().certificate().getExtendedKeyUsage()).containsExactly(CLIENT_AUTH);
        assertThat(pki.authority().own().certificate().getBasicConstraints()).isZero();
        assertThat(pki.server().certificate().getBasicConstraints()).isEqualTo(-1);
    }

    /// Kubernetes' own Java client reads keys in this way.
    @Test
    void writesUsersKeysWithBothHalves() throws Exception {
        KeyAndCertificate user = open("acme").issueUser("jane", List.of(), Duration.ofHours(1));

        try (var parser = new PEMParser(new StringReader(user.ecKeyPem()))) {
            var pair = new JcaPEMKeyConverter().getKeyPair((PEMKeyPair) parser.readObject());
            assertThat(pair.getPublic().getEncoded())
                    .isEqualTo(user.certificate().getPublicKey().getEncoded());
            assertThat(((ECPrivateKey) pair.getPrivate()).getS()).isEqualTo(((ECPrivateKey) user.key()).getS());
        }
    }

    @Test
    void signsUsersOnlyWithTheClustersOwnAuthority() throws Exception {
        ClusterPki pki = open("acme");
        KeyAndCertificate user = pki.issueUser("jane", List.of("system:masters"), Duration.ofHours(1));

        user.certificate().verify(pki.authority().own().certificate().getPublicKey());
        assertThat(user.certificate().getSubjectX500Principal().getName()).contains("CN=jane", "O=system:masters");
        assertThatThrownBy(() -> user.certificate()
                        .verify(pki.etcdAuthority().own().certificate().getPublicKey()))
                .isInstanceOf(SignatureException.class);
    }

    @Test
    void reissuesTheServerCertificateForANewAddress() {
        ClusterPki before = open("acme");
        ClusterPki after = ClusterPki.open(folder, "acme", List.of("192.0.2.7"), Clock.systemUTC());

        assertThat(Names.of(after.server().certificate())).contains("192.0.2.7");
        assertThat(after.authority().certificatePem())
                .isEqualTo(before.authority().certificatePem());
    }

    @Test
    void makesAPairAnewWhoseCertificateWasNeverWritten() throws Exception {
        ClusterPki before = open("acme");
        Files.delete(before.certificateFile("apiserver"));

        assertThat(open("acme").server().certificatePem())
                .isNotEqualTo(before.server().certificatePem());
    }

    @Test
    void keepsKeysFromOtherUsers() throws Exception {
        ClusterPki pki = open("acme");

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(pki.keyFile("ca"))))
                .isEqualTo("rw-------");
    }

    @Test
    void namesADamagedFileAndLeavesIt() throws Exception {
        Path file = open("acme").certificateFile("ca");
        Files.writeString(file, "rubbish");

        assertThatThrownBy(() -> open("acme"))
                .isInstanceOf(HomeException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("nothing was changed");
        assertThat(file).hasContent("rubbish");
    }

    static Stream<String> precious() {
        return Stream.of("ca.crt", "ca.key", "etcd-ca.crt", "front-proxy-ca.key", "sa.pub", "sa.key");
    }

    @ParameterizedTest
    @MethodSource("precious")
    void neverMakesAnewWhatOthersTrust(String name) throws Exception {
        open("acme");
        Path lost = folder.resolve(name);
        Files.delete(lost);

        assertThatThrownBy(() -> open("acme")).isInstanceOf(HomeException.class).hasMessageContaining(lost.toString());
        assertThat(lost).doesNotExist();
    }

    static Stream<Arguments> damages() {
        return Stream.of("ca.crt", "ca.key", "apiserver.crt", "apiserver.key", "etcd-server.crt", "sa.pub", "sa.key")
                .flatMap(name -> Stream.of(Arguments.of(name, ""), Arguments.of(name, "rubbish\n")));
    }

    @ParameterizedTest
    @MethodSource("damages")
    void refusesEveryDamagedFileAndLeavesAll(String name, String content) throws Exception {
        open("acme");
        Path damaged = Files.writeString(folder.resolve(name), content);
        Map<Path, String> before = contents();

        assertThatThrownBy(() -> open("acme"))
                .isInstanceOf(HomeException.class)
                .hasMessageContaining(
                        folder.resolve(name.replaceAll("[.](key|pub)$", "")).toString());
        assertThat(contents()).isEqualTo(before);
        assertThat(damaged).hasContent(content);
    }

    @Test
    void refusesACertificateOfAnotherAuthority() throws Exception {
        open("acme");
        ClusterPki other = ClusterPki.open(folder.resolve("other"), "other", List.of(), Clock.systemUTC());
        for (String file : List.of("apiserver.crt", "apiserver.key")) {
            Files.copy(
                    other.certificateFile("ca").resolveSibling(file),
                    folder.resolve(file),
                    StandardCopyOption.REPLACE_EXISTING);
        }

        assertThatThrownBy(() -> open("acme"))
                .isInstanceOf(HomeException.class)
                .hasMessageContaining("apiserver.crt")
                .hasMessageContaining("authority");
    }

    private Map<Path, String> contents() throws IOException {
        var all = new TreeMap<Path, String>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                all.put(file, Files.readString(file));
            }
        }
        return all;
    }

    private ClusterPki open(String cluster) {
        return ClusterPki.open(folder, cluster, List.of("10.1.2.3"), Clock.systemUTC());
    }
}
