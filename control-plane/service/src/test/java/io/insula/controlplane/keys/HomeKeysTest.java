package io.insula.controlplane.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.HomeException;
import io.insula.controlplane.pki.ClusterPki;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HomeKeysTest {

    @TempDir
    private Path folder;

    private Home home = new Home(Path.of("home"));
    private KeySource key = KeySource.command("false");
    private String authority = "";

    @BeforeEach
    void makeAHomeOfPlainKeys() {
        home = new Home(folder.resolve("home"));
        key = KeySource.make(folder.resolve("key"));
        authority = pki("acme", KeySafe.PLAIN).authority().certificatePem();
        var _ = pki("globex", KeySafe.PLAIN);
        assertThat(FoundKeys.in(home.root())).hasSize(2 * 9);
    }

    @Test
    void readsPlainKeysAndWritesThemEncryptedFromThenOn() {
        KeySafe safe = HomeKeys.begin(home, key);

        assertThat(FoundKeys.in(home.root())).isEmpty();
        ClusterPki acme = pki("acme", safe);
        assertThat(acme.authority().certificatePem()).isEqualTo(authority);
        acme.authorities().begin();
        acme.serviceAccountKeys().begin();
        var _ = pki("new", safe);
        assertThat(FoundKeys.in(home.root())).isEmpty();
        assertThat(home.tenant("acme").resolve("pki/ca-2.key"))
                .content()
                .contains("Version: 1", "Data-Key: ")
                .doesNotContain("PRIVATE");
        assertThat(home.tenant("acme").resolve("pki/data-key")).content().contains("\"kek\"", key.id());
        assertThat(pki("acme", HomeKeys.open(home)).authorities().now().name()).isEqualTo("ca-2");
        assertThat(HomeKeys.standing(home)).get().satisfies(told -> {
            assertThat(told.sealed()).isEqualTo(3 * 9 + 2);
            assertThat(told.plain()).isEmpty();
            assertThat(told.behind()).isEmpty();
        });
    }

    /// The trail is the service's, and the commands that change keys are none of its own.
    @Test
    void keepsEachChangeUntilItIsRecorded() {
        var _ = HomeKeys.begin(home, key);
        var _ = HomeKeys.begin(home, null);
        KeySource next = KeySource.make(folder.resolve("next"));
        KeySource other = KeySource.make(folder.resolve("other"));
        HomeKeys.rotate(home, next);
        HomeKeys.accept(home, other);
        assertThatThrownBy(() -> HomeKeys.rotate(home, KeySource.file(folder.resolve("nowhere"))))
                .isInstanceOf(HomeException.class);
        KeyChanges.note(home, "rotate", "never-made", next);

        assertThatThrownBy(() -> HomeKeys.takeChanges(home, (_, _, _, _, _) -> {
                    throw new IllegalStateException("the disk is full");
                }))
                .hasMessage("the disk is full");
        var told = new java.util.ArrayList<String>();
        HomeKeys.takeChanges(
                home, (what, kek, source, by, _) -> told.add(what + " " + kek + " " + source.isEmpty() + by.isEmpty()));
        assertThat(told)
                .containsExactly(
                        "encrypt " + key.id() + " falsefalse",
                        "rotate " + next.id() + " falsefalse",
                        "accept " + other.id() + " falsefalse");
        HomeKeys.takeChanges(home, (what, _, _, _, _) -> told.add(what));
        assertThat(told).as("each once").hasSize(3);
    }

    @Test
    void nothingIsSealedTwiceAlike() {
        var _ = HomeKeys.begin(home, key);
        Map<String, String> sealed = files(home.root());
        var ids = sealed.entrySet().stream()
                .filter(each -> each.getKey().endsWith("data-key"))
                .map(Map.Entry::getValue)
                .toList();
        assertThat(ids).hasSize(2).doesNotHaveDuplicates();
        assertThat(sealed.entrySet().stream()
                        .filter(each -> each.getKey().endsWith(".key"))
                        .map(Map.Entry::getValue))
                .hasSize(2 * 9)
                .doesNotHaveDuplicates();

        var _ = HomeKeys.begin(home, null);
        assertThat(files(home.root())).as("what is sealed stays as it is").isEqualTo(sealed);
    }

    @Test
    void remembersThatItIsEncryptedAndDoesNotOpenWithout() throws IOException {
        var _ = HomeKeys.begin(home, key);
        Path file = Path.of(key.what());
        Files.move(file, folder.resolve("away"));
        refuses(null, "there is no key file " + file);
        assertThatThrownBy(() -> HomeKeys.open(home)).isInstanceOf(HomeException.class);
        assertThatThrownBy(() -> pki("acme", KeySafe.PLAIN)).hasMessageContaining("is encrypted");

        refuses(KeySource.make(folder.resolve("other")), "this home is encrypted with");
        var moved = KeySource.file(folder.resolve("away"));
        assertThat(pki("acme", HomeKeys.begin(home, moved)).authority().certificatePem())
                .isEqualTo(authority);
        assertThat(pki("acme", HomeKeys.begin(home, null)).authority().certificatePem())
                .as("the other place is remembered")
                .isEqualTo(authority);
    }

    @Test
    void isNotBegunAnewWithAnotherKeyWhereItsRecordIsLost() {
        var _ = HomeKeys.begin(home, key);
        AtomicFiles.delete(home.keysFile());
        refuses(KeySource.make(folder.resolve("other")), "are encrypted with " + key.id());
        assertThat(pki("acme", HomeKeys.begin(home, key)).authority().certificatePem())
                .isEqualTo(authority);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----"})
    void demandsAFileThatNobodyElseReadsOrWrites(String permissions) throws IOException {
        Files.setPosixFilePermissions(Path.of(key.what()), PosixFilePermissions.fromString(permissions));
        refuses(key, "chmod 600");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "rubbish", "0123", "AAAA", "\n\n"})
    void demandsAKey(String content) throws IOException {
        Files.writeString(Path.of(key.what()), content);
        refuses(key, "64 hexadecimal digits");
    }

    @Test
    void demandsAKeyThatDoesNotLieBesideWhatItProtects() {
        AtomicFiles.folder(home.root());
        refuses(KeySource.make(home.root().resolve("key")), "lies in the home folder");
    }

    @Test
    void neverOverwritesAKey() throws IOException {
        String before = Files.readString(Path.of(key.what()));
        assertThatThrownBy(() -> KeySource.make(Path.of(key.what()))).hasMessageContaining("exists");
        assertThat(Path.of(key.what())).hasContent(before);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(Path.of(key.what()))))
                .isEqualTo("rw-------");
    }

    @Test
    void takesTheKeyThatACommandPrints() {
        var command = KeySource.command("tr -d '\\n' < '" + key.what() + "' | tr a-f A-F");
        assertThat(command.id()).isEqualTo(key.id());
        String inBase64 = Base64.getEncoder()
                .encodeToString(
                        HexFormat.of().parseHex(read(Path.of(key.what())).strip()));
        assertThat(KeySource.command("echo " + inBase64).id()).isEqualTo(key.id());
        var _ = HomeKeys.begin(home, command);
        assertThat(FoundKeys.in(home.root())).isEmpty();
        assertThat(pki("acme", HomeKeys.begin(home, null)).authority().certificatePem())
                .isEqualTo(authority);
        refuses(KeySource.command("cat '" + key.what() + "'; exit 3"), "ended with 3");
        refuses(KeySource.command("echo no key"), "64 hexadecimal digits");
        refuses(KeySource.command("head -c 100000 /dev/zero"), "the key command");
    }

    /// A death after any of its writes: before it the form was the old one, and no file has half of each.
    @Test
    void goesOnWhereADeathInTheMiddleOfEncryptingHasLeftIt() {
        Map<String, String> plain = files(home.root());
        var _ = HomeKeys.begin(home, key);
        Map<String, String> sealed = files(home.root());
        List<String> changed = sealed.keySet().stream()
                .filter(file -> file.endsWith(".key") && plain.containsKey(file))
                .toList();
        assertThat(changed).hasSize(2 * 9);
        for (int written = 0; written <= changed.size(); written++) {
            for (String still : changed.subList(written, changed.size())) {
                AtomicFiles.write(home.root().resolve(still), String.valueOf(plain.get(still)));
            }
            boolean hasDataKeyOfTheLast = written > 9;
            if (!hasDataKeyOfTheLast) {
                AtomicFiles.delete(home.tenant("globex").resolve("pki/data-key"));
            }
            assertThat(FoundKeys.in(home.root())).hasSize(changed.size() - written);
            assertThat(pki("acme", HomeKeys.open(home)).authority().certificatePem())
                    .as("both forms are read")
                    .isEqualTo(authority);

            KeySafe safe = HomeKeys.begin(home, null);
            assertThat(FoundKeys.in(home.root())).isEmpty();
            assertThat(pki("acme", safe).authority().certificatePem()).isEqualTo(authority);
            var _ = pki("globex", safe);
        }
    }

    @Test
    void changesTheKeyUnderAServiceThatRuns() throws IOException {
        KeySafe running = HomeKeys.begin(home, key);
        KeySource next = KeySource.make(folder.resolve("next"));
        Map<String, String> before = files(home.root());

        HomeKeys.rotate(home, next);

        assertThat(files(home.root()).entrySet().stream()
                        .filter(each -> !each.getValue().equals(before.get(each.getKey())))
                        .map(Map.Entry::getKey))
                .as("the private keys themselves are not written anew")
                .containsExactlyInAnyOrder("keys.json", "tenants/acme/pki/data-key", "tenants/globex/pki/data-key");
        Files.delete(Path.of(key.what()));
        assertThat(pki("acme", running).authority().certificatePem()).isEqualTo(authority);
        var _ = pki("new", running);
        assertThat(HomeKeys.standing(home)).get().satisfies(told -> {
            assertThat(told.kek()).isEqualTo(next.id());
            assertThat(told.former()).hasSize(1);
            assertThat(told.behind()).as("new ones are of the new key").isEmpty();
        });
        assertThat(pki("new", HomeKeys.begin(home, null)).serviceAccountKey()).isNotNull();
        HomeKeys.rotate(home, KeySource.make(folder.resolve("third")));
        assertThat(pki("acme", running).authority().certificatePem()).isEqualTo(authority);
    }

    @Test
    void goesOnWhereADeathInTheMiddleOfAChangeHasLeftIt() {
        var _ = HomeKeys.begin(home, key);
        Path lagging = home.tenant("globex").resolve("pki/data-key");
        String old = read(lagging);
        HomeKeys.rotate(home, KeySource.make(folder.resolve("next")));
        String now = read(lagging);
        AtomicFiles.write(lagging, old);
        assertThat(HomeKeys.standing(home))
                .get()
                .satisfies(told -> assertThat(told.behind()).containsExactly(lagging.resolveSibling("")));

        assertThat(pki("globex", HomeKeys.open(home)).serviceAccountKey()).isNotNull();
        var _ = HomeKeys.begin(home, null);
        assertThat(read(lagging)).isNotEqualTo(old).isNotEqualTo(now);
        assertThat(HomeKeys.standing(home))
                .get()
                .satisfies(told -> assertThat(told.behind()).isEmpty());
    }

    @Test
    void changesNothingWhereEitherKeyIsNotThere() throws IOException {
        assertThatThrownBy(() -> HomeKeys.rotate(home, key)).hasMessageContaining("are not encrypted");
        var _ = HomeKeys.begin(home, key);
        Map<String, String> before = files(home.root());
        assertThatThrownBy(() -> HomeKeys.rotate(home, KeySource.file(folder.resolve("none"))))
                .hasMessageContaining("there is no key file");
        KeySource next = KeySource.make(folder.resolve("next"));
        Files.move(Path.of(key.what()), folder.resolve("away"));
        assertThatThrownBy(() -> HomeKeys.rotate(home, next)).hasMessageContaining("there is no key file");
        assertThat(files(home.root())).isEqualTo(before);
    }

    /// As a backup of a home that was lost is, in one that has another key.
    @Test
    void takesKeysOfAnotherHomeOnceItsKeyIsAccepted() {
        var _ = HomeKeys.begin(home, key);
        var other = new Home(folder.resolve("other"));
        KeySource itsKey = KeySource.make(folder.resolve("other-key"));
        KeySafe safe = HomeKeys.begin(other, itsKey);
        AtomicFiles.folder(other.tenant("acme"));
        copy(home.tenant("acme").resolve("pki"), other.tenant("acme").resolve("pki"));
        Path there = other.tenant("acme").resolve("pki");

        assertThatThrownBy(() -> ClusterPki.open(there, "acme", List.of(), Clock.systemUTC(), safe))
                .hasMessageContaining("insula keys accept")
                .hasMessageContaining(key.id());
        assertThat(HomeKeys.accept(other, key)).isEqualTo(key.id());
        assertThat(ClusterPki.open(there, "acme", List.of(), Clock.systemUTC(), safe)
                        .authority()
                        .certificatePem())
                .isEqualTo(authority);
        var _ = HomeKeys.begin(other, null);
        assertThat(read(there.resolve("data-key"))).contains(itsKey.id());
    }

    @Test
    void refusesAnotherKeysFileAndOneThatWasChanged() throws IOException {
        KeySafe safe = HomeKeys.begin(home, key);
        Path acme = home.tenant("acme").resolve("pki");
        Path saved = Files.copy(acme.resolve("sa.key"), folder.resolve("saved"));

        Files.copy(acme.resolve("ca.key"), acme.resolve("sa.key"), StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> pki("acme", safe)).hasMessageContaining("sa.key");
        Files.copy(
                home.tenant("globex").resolve("pki/sa.key"),
                acme.resolve("sa.key"),
                StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> pki("acme", safe)).hasMessageContaining("sa.key");
        String text = Files.readString(saved);
        int at = text.indexOf("\n\n") + 20;
        Files.writeString(
                acme.resolve("sa.key"),
                text.substring(0, at) + (text.charAt(at) == 'A' ? 'B' : 'A') + text.substring(at + 1));
        assertThatThrownBy(() -> pki("acme", safe))
                .hasMessageContaining("damaged")
                .hasMessageContaining("sa.key");
        Files.writeString(acme.resolve("sa.key"), text.replace("Version: 1", "Version: 2"));
        assertThatThrownBy(() -> pki("acme", safe)).hasMessageContaining("version 1");
        Files.copy(saved, acme.resolve("sa.key"), StandardCopyOption.REPLACE_EXISTING);

        Files.delete(acme.resolve("data-key"));
        assertThatThrownBy(() -> pki("acme", safe)).hasMessageContaining("data-key: it is gone");
        assertThatThrownBy(() -> safe.seal(acme.resolve("more.key"), "x")).hasMessageContaining("data-key: it is gone");
    }

    @Test
    void showsEtcdItsKeysInMemoryOnlyAndHidesThemAgain() {
        KeySafe safe = HomeKeys.begin(home, key);
        ClusterPki pki = pki("acme", safe);
        ClusterPki.EtcdKeyFiles shown = pki.showEtcdKeys();
        assertThat(List.of(shown.server(), shown.peer())).allSatisfy(file -> {
            assertThat(file.startsWith(folder)).isFalse();
            assertThat(Files.getFileStore(file).type()).isIn("tmpfs", "ramfs");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.resolveSibling(""))))
                    .isEqualTo("rwx------");
            assertThat(FoundKeys.in(file)).hasSize(1);
        });
        assertThat(FoundKeys.in(home.root())).isEmpty();
        pki.hideEtcdKeys();
        assertThat(shown.server().resolveSibling("")).doesNotExist();
    }

    @Test
    void keepsKeysInMemoryOnlyInAFolderThatIsNobodyElses() throws IOException {
        assertThatThrownBy(() -> MemoryFolder.in(List.of(folder, folder.resolve("none"))))
                .as("a disk is no memory")
                .hasMessageContaining("no folder in memory");
        Path memory = Files.createTempDirectory(Path.of("/dev/shm"), "insula-test");
        try {
            String made = MemoryFolder.in(List.of(folder, memory)).toString();
            assertThat(made).startsWith(memory.toString());
            assertThat(MemoryFolder.in(List.of(memory)).toString()).isEqualTo(made);
            Files.setPosixFilePermissions(Path.of(made), PosixFilePermissions.fromString("rwxr-x---"));
            assertThatThrownBy(() -> MemoryFolder.in(List.of(memory))).hasMessageContaining("this user alone");
            Files.delete(Path.of(made));
            Files.createSymbolicLink(Path.of(made), folder);
            assertThatThrownBy(() -> MemoryFolder.in(List.of(memory))).hasMessageContaining("this user alone");
        } finally {
            AtomicFiles.deleteTree(memory);
        }
    }

    /// And changes nothing.
    private void refuses(@Nullable KeySource given, String why) {
        Map<String, String> before = files(home.root());
        assertThatThrownBy(() -> HomeKeys.begin(home, given))
                .isInstanceOf(HomeException.class)
                .hasMessageContaining(why)
                .hasMessageContaining("nothing was changed");
        assertThat(files(home.root())).isEqualTo(before);
    }

    private ClusterPki pki(String tenant, KeySafe safe) {
        return ClusterPki.open(home.tenant(tenant).resolve("pki"), tenant, List.of(), Clock.systemUTC(), safe);
    }

    /// But for the lock.
    private static Map<String, String> files(Path root) {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile)
                    .filter(file -> !file.endsWith("keys.lock"))
                    // what the trail is to be told
                    .filter(file -> !file.toString().contains("/key-changes/"))
                    .collect(Collectors.toMap(
                            file -> root.relativize(file).toString(), HomeKeysTest::read, (a, _) -> a, TreeMap::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void copy(Path from, Path to) {
        files(from).forEach((name, content) -> AtomicFiles.write(to.resolve(name), content));
    }
}
