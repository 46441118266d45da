package io.insula.controlplane.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.controlplane.home.HomeException;
import io.insula.controlplane.pki.Credentials.Credential;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CredentialsTest {

    private static final Clock CLOCK = Clock.systemUTC();

    @TempDir
    private Path folder;

    private ClusterPki pki = unset();
    private Credentials credentials = unset();

    @BeforeEach
    void open() {
        pki = ClusterPki.open(folder.resolve("pki"), "acme", List.of(), CLOCK);
        credentials = reopened();
    }

    @Test
    void remembersWhatWasGivenOutAndRevoked() {
        X509Certificate ann = give("ann", Duration.ofHours(1));
        X509Certificate bob = give("bob", Duration.ofHours(1));
        assertThat(credentials.isRevoked(ann)).isFalse();

        credentials.revoke(ann.getSerialNumber().toString(16));

        for (Credentials each : List.of(credentials, reopened())) {
            assertThat(each.isRevoked(ann)).isTrue();
            assertThat(each.isRevoked(bob)).isFalse();
            assertThat(each.list()).extracting(Credential::user).containsExactlyInAnyOrder("ann", "bob");
        }
        assertThat(reopened().list()).isEqualTo(credentials.list());
        assertThat(credentials.list())
                .filteredOn(each -> each.user().equals("ann"))
                .allSatisfy(each -> assertThat(each.groups()).containsExactly("devs"))
                .allSatisfy(each -> assertThat(each.credentialId()).isEqualTo("id of ann"))
                .allSatisfy(each -> assertThat(each.revoked()).isNotNull());
    }

    /// As of releases that remembered nothing.
    @Test
    void revokesWhatItDoesNotKnow() {
        X509Certificate old =
                pki.issueUser("old", List.of(), Duration.ofHours(1)).certificate();
        String serial = old.getSerialNumber().toString(16).toUpperCase(Locale.ROOT);
        String withColons = (serial.length() % 2 == 0 ? serial : "0" + serial).replaceAll("(..)(?=.)", "$1:");

        Credential first = credentials.revoke(withColons);

        assertThat(credentials.isRevoked(old)).isTrue();
        assertThat(reopened().isRevoked(old)).isTrue();
        assertThat(reopened().revoke(serial)).as("once is enough").isEqualTo(first);
        assertThat(first.user()).isEmpty();
    }

    @Test
    void refusesWhatIsNoSerialNumber() {
        for (String wrong : List.of("", "0", "-1", "xyz", "../../etc/passwd", ":")) {
            assertThatThrownBy(() -> credentials.revoke(wrong))
                    .as(wrong)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("hexadecimal");
        }
        assertThat(folder.resolve("credentials")).doesNotExist();
    }

    @Test
    void forgetsWhatHasEnded() throws IOException {
        give("short", Duration.ofMinutes(10));
        var later = Credentials.open(folder.resolve("credentials"), Clock.offset(CLOCK, Duration.ofHours(1)));
        assertThat(later.list()).isEmpty();
        X509Certificate next =
                pki.issueUser("next", List.of(), Duration.ofHours(9)).certificate();
        later.record(next, "next", List.of(), "id", "ca-2");
        try (var files = Files.list(folder.resolve("credentials"))) {
            assertThat(files).hasSize(1);
        }
    }

    /// It was not remembered once, when there was one authority only.
    @Test
    void knowsTheAuthorityOfEach() throws IOException {
        X509Certificate ann = give("ann", Duration.ofHours(1));
        assertThat(reopened().list()).extracting(Credential::authority).containsExactly("ca");
        Path file = folder.resolve("credentials").resolve(ann.getSerialNumber().toString(16) + ".json");
        Files.writeString(file, Files.readString(file).replaceAll("\"authority\" : \"ca\",\\s*", ""));
        assertThat(file).content().doesNotContain("authority");

        assertThat(reopened().list()).extracting(Credential::authority).containsExactly("ca");
        assertThat(reopened().revoke("7f").authority())
                .as("of nobody knows whom")
                .isEmpty();
    }

    /// Else a revoked kubeconfig would be good again.
    @Test
    void doesNotBeginWhereOneIsDamaged() throws IOException {
        X509Certificate ann = give("ann", Duration.ofHours(1));
        Path file = folder.resolve("credentials").resolve(ann.getSerialNumber().toString(16) + ".json");
        for (String rubbish : List.of("", "{", "{}", "{\"serial\": \"zz\"}")) {
            Files.writeString(file, rubbish);
            assertThatThrownBy(this::reopened)
                    .as(rubbish)
                    .isInstanceOf(HomeException.class)
                    .hasMessageContaining(file.toString());
        }
    }

    private X509Certificate give(String user, Duration validity) {
        X509Certificate certificate =
                pki.issueUser(user, List.of("devs"), validity).certificate();
        credentials.record(certificate, user, List.of("devs"), "id of " + user, "ca");
        return certificate;
    }

    private Credentials reopened() {
        return Credentials.open(folder.resolve("credentials"), CLOCK);
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // set before each test
    private static <T> T unset() {
        return null;
    }
}
