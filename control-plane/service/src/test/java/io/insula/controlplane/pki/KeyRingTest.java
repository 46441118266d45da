package io.insula.controlplane.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.HomeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PublicKey;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Keys change, with deaths: each open is another life.
final class KeyRingTest {

    /// In which order files are written and removed; the certificate of a new authority is issued when it is asked for.
    private static final Map<String, List<String>> ORDER = Map.of(
            "sa begin", List.of("sa-2.key", "sa-2.pub", "made", "sa.ring"),
            "sa finish", List.of("sa.ring", "sa.key", "sa.pub"),
            "ca begin", List.of("ca-2.key", "ca-2.crt", "made", "ca.ring"),
            "ca finish", List.of("ca.ring", "apiserver.key", "apiserver.crt", "ca.key", "ca.crt"),
            "front-proxy-ca begin",
                    List.of("front-proxy-ca-2.key", "front-proxy-ca-2.crt", "made", "front-proxy-ca.ring"),
            "front-proxy-ca finish",
                    List.of(
                            "front-proxy-ca.ring",
                            "front-proxy-client.key",
                            "front-proxy-client.crt",
                            "front-proxy-ca.key",
                            "front-proxy-ca.crt"));

    @TempDir
    private Path folder;

    @Test
    void changesTheKeyOfTokensInTwoPhases() {
        PublicKey old = tokens().signing();
        open().serviceAccountKeys().finish();
        assertThat(tokens()).as("nothing has begun").isEqualTo(new Tokens(old, List.of()));

        open().serviceAccountKeys().begin();
        Tokens both = tokens();
        assertThat(both.former()).containsExactly(old);
        assertThat(both.signing()).isNotEqualTo(old);
        open().serviceAccountKeys().begin();
        assertThat(tokens()).as("asked for once more").isEqualTo(both);

        open().serviceAccountKeys().finish();
        open().serviceAccountKeys().finish();
        assertThat(tokens()).isEqualTo(new Tokens(both.signing(), List.of()));
        assertThat(files()).contains("sa-2.key", "sa-2.pub", "sa.ring").doesNotContain("sa.key", "sa.pub");

        open().serviceAccountKeys().begin();
        open().serviceAccountKeys().finish();
        assertThat(files()).contains("sa-3.key", "sa-3.pub").doesNotContain("sa-2.key", "sa-2.pub");
        assertThat(tokens().signing()).isNotEqualTo(both.signing());
    }

    @Test
    void changesTheAuthorityInTwoPhases() {
        var before = open();
        var ann = before.issueUser("ann", List.of(), Duration.ofHours(1)).certificate();

        before.authorities().begin();
        before.answerAt("10.0.0.1");

        for (ClusterPki both : List.of(before, open())) {
            var bob = both.issueUser("bob", List.of(), Duration.ofHours(1)).certificate();
            assertThat(both.trusted()).hasSize(2).doesNotHaveDuplicates();
            assertThat(both.trusted().getFirst())
                    .isEqualTo(both.authority().own().certificate());
            assertThat(both.trustPem()).containsSubsequence("BEGIN", "BEGIN");
            assertThat(both.isTaken(ann)).isTrue();
            assertThat(both.isTaken(bob)).isTrue();
            assertThat(bob.getIssuerX500Principal()).isNotEqualTo(ann.getIssuerX500Principal());
            assertThat(both.server().certificate().getIssuerX500Principal())
                    .as("who was given a kubeconfig before trusts no other")
                    .isEqualTo(ann.getIssuerX500Principal());
        }
        var bob = before.issueUser("bob", List.of(), Duration.ofHours(1)).certificate();

        before.authorities().finish();

        assertThat(Names.of(before.server().certificate())).contains("10.0.0.1");
        for (ClusterPki over : List.of(before, open())) {
            assertThat(over.trusted()).hasSize(1);
            assertThat(over.isTaken(ann)).isFalse();
            assertThat(over.isTaken(bob)).isTrue();
            assertThat(over.server().certificate().getIssuerX500Principal()).isEqualTo(bob.getIssuerX500Principal());
        }
        assertThat(files()).doesNotContain("ca.key", "ca.crt", "apiserver.key", "apiserver.crt");
    }

    /// Servers behind must have been told of the new one before they see a certificate of it.
    @Test
    void changesTheFrontProxysAuthorityInTwoPhases() {
        ClusterPki pki = open();
        var old = pki.frontProxyClient().certificate();
        assertThat(pki.isTaken(old)).isTrue();

        pki.frontProxyAuthorities().begin();

        for (ClusterPki both : List.of(pki, open())) {
            assertThat(both.trustedFrontProxies()).hasSize(2).doesNotHaveDuplicates();
            assertThat(both.frontProxyClient().certificate()).isEqualTo(old);
            assertThat(both.isTaken(old)).isTrue();
            assertThat(both.trusted()).as("of users nothing changes").hasSize(1);
        }

        pki.frontProxyAuthorities().finish();

        for (ClusterPki over : List.of(pki, open())) {
            var now = over.frontProxyClient().certificate();
            assertThat(now.getIssuerX500Principal())
                    .isEqualTo(over.trustedFrontProxies().getFirst().getSubjectX500Principal())
                    .isNotEqualTo(old.getIssuerX500Principal());
            assertThat(over.trustedFrontProxies()).hasSize(1);
            assertThat(over.isTaken(now)).isTrue();
            assertThat(over.isTaken(old))
                    .as("also on a connection that is open")
                    .isFalse();
        }
        assertThat(files())
                .contains("front-proxy-ca-2.key", "front-proxy-client-2.key")
                .doesNotContain("front-proxy-ca.key", "front-proxy-client.key", "front-proxy-client.crt");
    }

    @Test
    void reachesTheSameAfterADeathBetweenAnyTwoWrites() throws IOException {
        for (String key : List.of("sa", "ca", "front-proxy-ca")) {
            open();
            reachesTheSame(key + " begin", () -> ring(key).begin());
            reachesTheSame(key + " finish", () -> ring(key).finish());
        }
    }

    private void reachesTheSame(String change, Runnable work) throws IOException {
        Map<String, byte[]> before = contents();
        work.run();
        Map<String, byte[]> after = contents();
        List<String> order = ORDER.getOrDefault(change, List.of());
        assertThat(changed(before, after)).as(change).containsExactlyInAnyOrderElementsOf(order);
        open();
        List<String> wanted = files();
        for (int written = 0; written <= order.size(); written++) {
            put(before);
            for (String file : order.subList(0, written)) {
                put(file, after.get(file));
            }

            work.run();
            open();

            String death = change + ", death after " + order.subList(0, written);
            assertThat(files()).as(death).isEqualTo(wanted);
            assertThat(ring("sa").now().name()).as(death).isEqualTo(wanted.contains("sa-2.key") ? "sa-2" : "sa");
            assertThat(open().trusted()).as(death).hasSize(change.equals("ca begin") ? 2 : 1);
        }
        put(after);
    }

    /// Another key in its place would be taken by nobody.
    @Test
    void makesNoOtherKeyForOneThatIsGone() throws IOException {
        open().serviceAccountKeys().begin();
        open().authorities().begin();
        for (String name : List.of("sa.key", "sa-2.key", "sa-2.pub", "ca.crt", "ca.key", "ca-2.crt", "ca-2.key")) {
            Path file = folder.resolve(name);
            byte[] content = Files.readAllBytes(file);
            Files.delete(file);
            assertThatThrownBy(this::open)
                    .as(name)
                    .isInstanceOf(HomeException.class)
                    .hasMessageContaining(name.replaceAll("[.].*", ""));
            assertThat(file).doesNotExist();
            AtomicFiles.write(file, content);
        }
        Files.delete(folder.resolve("made"));
        Files.delete(folder.resolve("ca-2.key"));
        Files.delete(folder.resolve("ca-2.crt"));
        assertThatThrownBy(this::open).isInstanceOf(HomeException.class).hasMessageContaining("ca-2");
    }

    @Test
    void refusesARingThatIsNone() {
        open();
        for (String wrong : List.of(
                "",
                "{}",
                "[]",
                "{\"since\":\"2026-01-01T00:00:00Z\",\"signing\":\"../ca\"}",
                "{\"since\":\"2026-01-01T00:00:00Z\",\"signing\":\"ca\"}",
                "{\"since\":\"2026-01-01T00:00:00Z\",\"signing\":\"sa-1\"}",
                "{\"since\":\"2026-01-01T00:00:00Z\",\"signing\":\"sa-7\"}",
                "{\"since\":\"2026-01-01T00:00:00Z\",\"signing\":\"sa\",\"former\":\"sa\"}",
                "{\"since\":\"2026-01-01T00:00:00Z\",\"signing\":\"sa\",\"former\":\"sa-2\"}",
                "{\"since\":\"soon\",\"signing\":\"sa\"}")) {
            AtomicFiles.write(folder.resolve("sa.ring"), wrong);
            assertThatThrownBy(this::open).as(wrong).isInstanceOf(HomeException.class);
        }
    }

    @Test
    void keepsKeysFromOtherUsers() throws IOException {
        ClusterPki pki = open();
        pki.authorities().begin();
        pki.serviceAccountKeys().begin();
        for (String file : files()) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(file))))
                    .as(file)
                    .isEqualTo("rw-------");
        }
    }

    private record Tokens(PublicKey signing, List<PublicKey> former) {}

    private Tokens tokens() {
        var now = open().serviceAccountKeys().now();
        var former = new ArrayList<PublicKey>();
        now.former().forEach(each -> former.add(each.getPublic()));
        return new Tokens(now.signing().getPublic(), former);
    }

    private KeyRing<?> ring(String key) {
        return switch (key) {
            case "sa" -> open().serviceAccountKeys();
            case "ca" -> open().authorities();
            default -> open().frontProxyAuthorities();
        };
    }

    private ClusterPki open() {
        return ClusterPki.open(folder, "acme", List.of(), Clock.systemUTC());
    }

    private static List<String> changed(Map<String, byte[]> before, Map<String, byte[]> after) {
        var all = new TreeSet<String>(before.keySet());
        all.addAll(after.keySet());
        return all.stream()
                .filter(file -> !Arrays.equals(before.get(file), after.get(file)))
                .toList();
    }

    private void put(Map<String, byte[]> contents) throws IOException {
        for (String file : files()) {
            Files.delete(folder.resolve(file));
        }
        contents.forEach((file, content) -> AtomicFiles.write(folder.resolve(file), content));
    }

    private void put(String file, byte @Nullable [] content) throws IOException {
        if (content == null) {
            Files.deleteIfExists(folder.resolve(file));
        } else {
            AtomicFiles.write(folder.resolve(file), content);
        }
    }

    private Map<String, byte[]> contents() throws IOException {
        var all = new TreeMap<String, byte[]>();
        for (String file : files()) {
            all.put(file, Files.readAllBytes(folder.resolve(file)));
        }
        return all;
    }

    private List<String> files() {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(each -> each.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new AssertionError(folder.toString(), e);
        }
    }
}
