package io.insula.controlplane.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.backup.BackupPlace.Kept;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.keys.KeySafe;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.process.EtcdProcess;
import io.insula.process.ChildProcess;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.storage.etcd.EtcdConfig;
import io.insula.tenantapi.storage.etcd.EtcdSnapshots;
import io.insula.tenantapi.storage.etcd.EtcdStorage;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Backups of a real etcd, one for all tests: what is in them, what an attacker or a death makes of them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BackupsTest {

    private static final String SECRET = "the tenant's own secret";
    private static final String UID = "1-2-3";
    private static final int KILLS = 3;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private Path shared = unset();
    private Path tenant = unset();
    private ChildProcess etcd = unset();
    private EtcdConfig access = unset();
    private EtcdStorage storage = unset();
    private EtcdSnapshots store = unset();
    private int tests;
    private Path folder = unset();
    private Backups backups = unset();

    @BeforeAll
    void start(@TempDir Path temporary) throws IOException {
        shared = temporary;
        tenant = AtomicFiles.folder(shared.resolve("acme"));
        ClusterPki pki = ClusterPki.open(tenant.resolve("pki"), "acme", List.of(), Clock.systemUTC());
        AtomicFiles.write(tenant.resolve("credentials/1f.json"), "{\"serial\":\"1f\"}");
        int port = freePort();
        Path of = AtomicFiles.folder(tenant.resolve("etcd"));
        etcd = new ChildProcess(EtcdProcess.spec(
                "acme", of, pki, port, freePort(), shared.resolve("etcd.log"), EtcdProcess.QUOTA_BYTES));
        etcd.start();
        access = EtcdConfig.tls(
                List.of("127.0.0.1:" + port),
                pki.certificateFile("etcd-ca"),
                pki.certificateFile("apiserver-etcd-client"),
                pki.keyFile("apiserver-etcd-client"));
        storage = new EtcdStorage(access);
        store = new EtcdSnapshots(access);
        for (int i = 0; i < 500; i++) {
            storage.create("/registry/secrets/default/s" + i, utf8(SECRET + " " + i), Duration.ZERO);
        }
    }

    @AfterAll
    void stop() {
        store.close();
        storage.close();
        etcd.stop();
    }

    @BeforeEach
    void begin() {
        folder = shared.resolve("backups-" + ++tests);
        backups = backups(folder);
    }

    @Test
    void takesWhatCanBeProved() throws IOException {
        BackupManifest taken = backups.take(source(), false);

        assertThat(backups.list("acme")).extracting(Kept::id).containsExactly(taken.id());
        assertThat(taken.store().keys()).isGreaterThanOrEqualTo(500);
        backups.verify("acme", taken.id());
        assertThat(backups.list("acme")
                        .getFirst()
                        .proof()
                        .orElseThrow()
                        .path("state")
                        .asText())
                .isEqualTo("Intact");
        assertThat(shared.resolve("scratch-" + tests)).doesNotExist();
        assertThat(files(folder)).allSatisfy(file -> {
            assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
            assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                    .doesNotContain(SECRET, "PRIVATE KEY");
        });

        Path into = shared.resolve("unpacked-" + tests);
        backups.unpack("acme", taken.id(), into);
        assertThat(into.resolve("pki/ca.key")).hasSameBinaryContentAs(tenant.resolve("pki/ca.key"));
        assertThat(into.resolve("credentials/1f.json")).exists();
        assertThat(Json.MAPPER.readTree(into.resolve("tenant.json").toFile())).isEqualTo(source().resource());
    }

    @Test
    void takesWhatOthersToolsRead() throws IOException, InterruptedException {
        boolean isThere = Files.isExecutable(Path.of("/usr/bin/openssl"));
        assumeThat(isThere || System.getenv("CI") != null).isTrue();

        assertThat(opensslReads(backups.take(source(), false)))
                .contains("snapshot.db", "tenant.json", "pki/ca.key", "contents.json");
    }

    @Test
    void removesScheduledOnesBeyondTheNewestAndNoOthers() {
        BackupManifest asked = backups.take(source(), false);
        var scheduled = new ArrayList<String>();
        for (int i = 0; i < 4; i++) {
            scheduled.add(backups.take(source(), true).id());
        }
        backups.retain("acme", "an earlier tenant's", 0);
        assertThat(backups.list("acme")).as("of another tenant of that name").hasSize(5);
        backups.retain("acme", UID, 2);
        List<String> left = backups.list("acme").stream().map(Kept::id).toList();
        assertThat(left).hasSize(3).contains(asked.id()).isSortedAccordingTo((a, b) -> b.compareTo(a));
        assertThat(scheduled.stream().sorted().skip(2).toList()).allMatch(left::contains);
        backups.delete("acme", asked.id());
        assertThatThrownBy(() -> backups.delete("acme", asked.id())).isInstanceOf(BackupException.class);
        assertThat(files(folder)).hasSize(4);
    }

    @Test
    void leavesNothingOnADiskThatTakesNoMore() throws Exception {
        Path disk = AtomicFiles.folder(folder);
        assumeThat(run("mount", "-t", "tmpfs", "-o", "size=16k,mode=0700", "tmpfs", disk.toString()))
                .as("only root can mount a disk of its own")
                .isZero();
        try {
            assertThatThrownBy(() -> backups.take(source(), false))
                    .isInstanceOfSatisfying(
                            BackupException.class, e -> assertThat(e.kind()).isEqualTo(BackupException.Kind.FAILED))
                    .hasMessageContaining("No space left");
            assertThat(backups.list("acme")).isEmpty();
            assertThat(files(folder)).isEmpty();

            run("mount", "-o", "remount,size=64m", disk.toString());
            String good = backups.take(source(), false).id();
            assertThatThrownBy(() -> Files.write(disk.resolve("filler"), new byte[64 << 20]))
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(() -> backups.verify("acme", good))
                    .as("what was found cannot be remembered")
                    .isInstanceOf(BackupException.class)
                    .hasMessageContaining("No space left");
            assertThatThrownBy(() -> backups.unpack("acme", good, disk.resolve("unpacked")))
                    .isInstanceOfSatisfying(
                            BackupException.class, e -> assertThat(e.kind()).isEqualTo(BackupException.Kind.FAILED));
            assertThat(disk.resolve("unpacked")).doesNotExist();
        } finally {
            run("umount", "-l", disk.toString());
        }
    }

    /// Who proves one and who reads another of the same tenant's wait for each other, and not for ever.
    @Test
    void looksIntoOneAfterTheOther() throws Exception {
        String id = backups.take(source(), false).id();
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                all.add(executor.submit(() -> backups.verify("acme", id)));
                all.add(executor.submit(() -> backups.resource("acme", id)));
            }
            for (Future<?> each : all) {
                each.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void believesNothingThatSomebodyHasTouched() throws IOException {
        BackupManifest good = backups.take(source(), false);
        Path sealed = folder.resolve("acme/" + good.id() + "/backup.cms");
        byte[] whole = Files.readAllBytes(sealed);
        var random = new Random(7);
        for (int i = 0; i < 40; i++) {
            byte[] touched = whole.clone();
            // also the frame, where it begins and where it ends
            int at = i < 10 ? i * 9 : i < 20 ? whole.length - 1 - (i - 10) * 3 : random.nextInt(whole.length);
            touched[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(sealed, touched);
            assertDamaged(good.id(), "bit of byte " + at);
        }
        for (int length : List.of(0, 1, 100, whole.length / 2, whole.length - 1)) {
            Files.write(sealed, java.util.Arrays.copyOf(whole, length));
            assertDamaged(good.id(), "cut off at " + length);
        }
        Files.delete(sealed);
        assertDamaged(good.id(), "gone");
        Files.write(sealed, whole);
        backups.verify("acme", good.id());
    }

    @Test
    void believesNoManifestThatIsOfAnotherBackup() throws IOException {
        BackupManifest older = backups.take(source(), false);
        storage.create("/registry/configmaps/default/later-" + tests, utf8("x"), Duration.ZERO);
        BackupManifest newer = backups.take(source(), false);
        Path ofOlder = folder.resolve("acme/" + older.id());
        Path ofNewer = folder.resolve("acme/" + newer.id());

        // an old state under a new name, with a manifest that fits
        Files.copy(ofOlder.resolve("backup.cms"), ofNewer.resolve("backup.cms"), StandardCopyOption.REPLACE_EXISTING);
        ObjectNode lie = newer.tree().put("sha256", older.sha256()).put("bytes", older.bytes());
        Files.writeString(ofNewer.resolve("manifest.json"), lie.toString());
        assertDamaged(newer.id(), "another's content");

        // of another tenant
        Path stolen = AtomicFiles.folder(folder.resolve("globex")).resolve(older.id());
        Files.move(ofOlder, stolen);
        assertThatThrownBy(() -> backups.unpack("globex", older.id(), shared.resolve("stolen")))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.kind()).isEqualTo(BackupException.Kind.DAMAGED));
        assertThatThrownBy(() -> backups.unpack("acme", "../globex/" + older.id(), shared.resolve("stolen")))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.kind()).isEqualTo(BackupException.Kind.NOT_FOUND));
        assertThat(shared.resolve("stolen")).doesNotExist();
    }

    @Test
    void opensByOldKeysAndMakesNoneInPlaceOfALostOne() throws IOException {
        BackupManifest first = backups.take(source(), false);
        Path file = backups.keyFile();
        String old = Files.readString(file);
        Files.writeString(file, "0f".repeat(32) + "\n" + old);
        BackupManifest second = backups.take(source(), false);
        assertThat(second.key()).isNotEqualTo(first.key());
        backups.verify("acme", first.id());
        backups.verify("acme", second.id());

        Files.writeString(file, old);
        assertThatThrownBy(() -> backups.verify("acme", second.id())).hasMessageContaining(second.key());
        Files.delete(file);
        assertThatThrownBy(() -> backups.take(source(), false)).hasMessageContaining("put it back");
        assertThat(file).doesNotExist();
        Files.writeString(file, "no key\n");
        assertThatThrownBy(() -> backups.take(source(), false)).hasMessageContaining("64 hexadecimal digits");
        assertThat(backups.list("acme")).hasSize(2);
    }

    /// A JVM takes backups, one after the other, and is killed somewhere in one.
    @Test
    void leavesNothingThatLooksLikeABackupWhenItIsKilled() throws IOException, InterruptedException {
        var random = new Random();
        for (int kill = 0; kill < KILLS; kill++) {
            int before = backups.list("acme").size();
            Process child = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin/java").toString(),
                            "-cp",
                            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                            Killed.class.getName(),
                            shared.toString(),
                            folder.toString(),
                            access.endpoints().getFirst())
                    .redirectErrorStream(true)
                    .redirectOutput(shared.resolve("killed.log").toFile())
                    .start();
            try {
                long deadline = System.nanoTime() + PATIENCE.toNanos();
                while (backups.list("acme").size() <= before) {
                    assertThat(child.isAlive() && System.nanoTime() < deadline)
                            .as(Files.readString(shared.resolve("killed.log")))
                            .isTrue();
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
                }
                LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random.nextInt(60_000)));
            } finally {
                child.destroyForcibly().waitFor();
            }
        }
        assertThat(backups.list("acme")).hasSizeGreaterThanOrEqualTo(KILLS).allSatisfy(kept -> {
            assertThat(kept.manifest()).isPresent();
            backups.unpack("acme", kept.id(), shared.resolve("whole"));
        });
        backups.take(source(), false);
        try (Stream<Path> left = Files.list(folder.resolve("acme"))) {
            assertThat(left)
                    .allMatch(each -> BackupManifest.isId(each.getFileName().toString()));
        }
    }

    /// What is killed.
    static final class Killed {
        public static void main(String[] arguments) {
            Path shared = Path.of(arguments[0]);
            var pki = ClusterPki.open(shared.resolve("acme/pki"), "acme", List.of(), Clock.systemUTC());
            var access = EtcdConfig.tls(
                    List.of(arguments[2]),
                    pki.certificateFile("etcd-ca"),
                    pki.certificateFile("apiserver-etcd-client"),
                    pki.keyFile("apiserver-etcd-client"));
            Path folder = Path.of(arguments[1]);
            var backups = new Backups(
                    new BackupFolder(folder),
                    new BackupKeys(folder.resolveSibling(folder.getFileName() + ".key")),
                    shared.resolve("scratch-killed"),
                    Clock.systemUTC(),
                    KeySafe.PLAIN);
            try (var store = new EtcdSnapshots(access)) {
                while (true) {
                    backups.take(source(shared.resolve("acme"), store), false);
                }
            }
        }
    }

    private void assertDamaged(String id, String what) {
        assertThatThrownBy(() -> backups.unpack("acme", id, shared.resolve("damaged")))
                .as(what)
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.kind()).isEqualTo(BackupException.Kind.DAMAGED));
        assertThat(shared.resolve("damaged")).as(what).doesNotExist();
    }

    private List<String> opensslReads(BackupManifest taken) throws IOException, InterruptedException {
        Path plain = shared.resolve("plain-" + tests);
        Process openssl = new ProcessBuilder(
                        "/usr/bin/openssl",
                        "cms",
                        "-decrypt",
                        "-inform",
                        "DER",
                        "-in",
                        folder.resolve("acme/" + taken.id() + "/backup.cms").toString(),
                        "-secretkey",
                        Files.readString(backups.keyFile()).strip(),
                        "-secretkeyid",
                        java.util.HexFormat.of().formatHex(taken.key().getBytes(StandardCharsets.US_ASCII)),
                        "-out",
                        plain.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(openssl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(openssl.waitFor()).as(said).isZero();
        var names = new ArrayList<String>();
        try (InputStream in = Files.newInputStream(plain);
                var zip = new ZipInputStream(in)) {
            for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                names.add(entry.getName());
            }
        }
        return names;
    }

    private Backups backups(Path at) {
        return new Backups(
                new BackupFolder(at),
                new BackupKeys(at.resolveSibling(at.getFileName() + ".key")),
                shared.resolve("scratch-" + tests),
                Clock.systemUTC(),
                KeySafe.PLAIN);
    }

    private static int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }

    private BackupSource source() {
        return source(tenant, store);
    }

    private static BackupSource source(Path tenant, EtcdSnapshots store) {
        ObjectNode resource = Json.object().put("kind", "Tenant");
        resource.putObject("metadata").put("name", "acme").put("uid", UID);
        return new BackupSource("acme", resource, tenant, List.of("pki", "credentials", "absent"), store);
    }

    private static List<Path> files(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).toList();
        } catch (IOException e) {
            throw new AssertionError(Objects.toString(folder), e);
        }
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // set before the first test
    private static <T> T unset() {
        return null;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
