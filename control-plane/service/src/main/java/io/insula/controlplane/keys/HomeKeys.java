package io.insula.controlplane.keys;

import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.HomeException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What a home remembers of how its private keys are encrypted, and what changes that: one file is replaced as a whole,
/// and from then on keys are written in the new form; those in an earlier one can be read still, and follow, one by
/// one, then or at the next start. Stateless; changes exclude each other over all processes.
public final class HomeKeys {

    private HomeKeys() {}

    /// How it stands, for people.
    ///
    /// @param kek the id of the key-encryption key
    /// @param former ids of earlier ones that open, too
    /// @param sealed how many private keys are encrypted
    /// @param plain those that are not
    /// @param behind folders whose data key another one than the key-encryption key wraps
    public record Standing(
            String kek, KeySource source, Set<String> former, int sealed, List<Path> plain, List<Path> behind) {

        public Standing {
            former = new TreeSet<>(former);
            plain = List.copyOf(plain);
            behind = List.copyOf(behind);
        }
    }

    /// As the home has it, for commands.
    ///
    /// @throws HomeException when its key is not there, or another one
    public static KeySafe open(Home home) {
        return KeyRecord.read(home)
                .<KeySafe>map(remembered -> safe(home, remembered, require(remembered, remembered.source())))
                .orElse(KeySafe.PLAIN);
    }

    /// As the home has it, for its service: from now on with the given key, where it has none yet.
    ///
    /// @param given null for what the home remembers
    /// @throws HomeException when the key is not there, is another one, or there is no place for keys in memory
    public static KeySafe begin(Home home, @Nullable KeySource given) {
        if (given == null && KeyRecord.read(home).isEmpty()) {
            return KeySafe.PLAIN;
        }
        return alone(home, () -> {
            Optional<KeyRecord> before = KeyRecord.read(home);
            KeySource source = given != null ? given : before.orElseThrow().source();
            WrappingKey key = before.map(kept -> require(kept, source)).orElseGet(() -> first(home, source));
            KeyRecord remembered = new KeyRecord(
                    key.id(), source, before.map(KeyRecord::former).orElse(Map.of()));
            KeySafe safe = safe(home, remembered, key);
            if (!before.filter(remembered::equals).isPresent()) {
                requireOutside(home, source);
                if (before.isEmpty()) {
                    KeyChanges.note(home, "encrypt", key.id(), source);
                }
                remembered.write(home);
            }
            KeyFolders.in(home).forEach(safe::settle);
            return safe;
        });
    }

    /// Has another key-encryption key from now on, also under a service that runs. The former one is kept, wrapped by
    /// it: backups may need it.
    ///
    /// @throws HomeException when one of the two is not there; nothing was changed then
    public static void rotate(Home home, KeySource next) {
        var _ = alone(home, () -> {
            KeyRecord before = encrypted(home);
            WrappingKey now = require(before, before.source());
            WrappingKey key = next.load();
            requireOutside(home, next);
            Map<String, WrappingKey> all = new HashMap<>(before.all(now, home));
            all.put(key.id(), key);
            KeyRecord remembered = KeyRecord.of(key, next, all);
            KeyChanges.note(home, "rotate", key.id(), next);
            remembered.write(home);
            KeySafe safe = safe(home, remembered, key);
            KeyFolders.in(home).forEach(safe::settle);
            return safe;
        });
    }

    /// Opens what another key has wrapped, from now on, beside its own: of backups of another home, or of before this
    /// one was lost.
    ///
    /// @return the id of that key
    public static String accept(Home home, KeySource former) {
        return alone(home, () -> {
            KeyRecord before = encrypted(home);
            WrappingKey now = require(before, before.source());
            WrappingKey key = former.load();
            Map<String, WrappingKey> all = new HashMap<>(before.all(now, home));
            all.put(key.id(), key);
            KeyChanges.note(home, "accept", key.id(), former);
            KeyRecord.of(now, before.source(), all).write(home);
            return key.id();
        });
    }

    /// Records a change that somebody has made.
    @FunctionalInterface
    public interface Recorder {

        /// @param what `encrypt`, `rotate` or `accept`
        /// @param kek the id of the key that it is about
        /// @param source where that key is
        /// @param by who typed it, as the system calls them
        void record(String what, String kek, String source, String by, Instant when);
    }

    /// Hands over the changes that are in no audit trail yet; what the recorder has taken comes no more, unless this
    /// process dies at that moment.
    ///
    /// @param recorder may throw: all from there on stays
    public static void takeChanges(Home home, Recorder recorder) {
        if (KeyChanges.areThere(home)) {
            var _ = alone(home, () -> {
                KeyChanges.take(home, recorder);
                return home;
            });
        }
    }

    /// Empty where nothing is encrypted. Needs no key.
    public static Optional<Standing> standing(Home home) {
        return KeyRecord.read(home).map(kept -> {
            List<Path> folders = KeyFolders.in(home);
            List<Path> keys = folders.stream()
                    .flatMap(each -> KeyFolders.keys(each).stream())
                    .toList();
            return new Standing(
                    kept.kek(),
                    kept.source(),
                    kept.former().keySet(),
                    (int) keys.stream()
                            .filter(key -> SealedKey.isOne(KeyFolders.text(key)))
                            .count(),
                    keys.stream()
                            .filter(key -> SealedKey.isPlain(KeyFolders.text(key)))
                            .toList(),
                    folders.stream()
                            .filter(each -> wrapper(each)
                                    .filter(id -> !id.equals(kept.kek()))
                                    .isPresent())
                            .toList());
        });
    }

    /// The key of a source, which must be the one that the home is encrypted with.
    static WrappingKey require(KeyRecord remembered, KeySource source) {
        WrappingKey key = source.load();
        if (!key.id().equals(remembered.kek())) {
            throw new HomeException(source + " has the key " + key.id() + ", and this home is encrypted with "
                    + remembered.kek() + " (of " + remembered.source() + "): give that one (`insula keys rotate`"
                    + " changes it); nothing was changed");
        }
        return key;
    }

    /// A home whose record was lost is encrypted still, and not with just any key.
    private static WrappingKey first(Home home, KeySource source) {
        WrappingKey key = source.load();
        for (Path folder : KeyFolders.in(home)) {
            wrapper(folder).filter(id -> !id.equals(key.id())).ifPresent(id -> {
                throw new HomeException(source + " has the key " + key.id() + ", and the keys in " + folder
                        + " are encrypted with " + id + ": give that one; nothing was changed");
            });
        }
        return key;
    }

    private static Optional<String> wrapper(Path folder) {
        try {
            return Files.exists(folder.resolve(DataKeyFile.NAME))
                    ? Optional.of(DataKeyFile.read(folder).wrappedBy())
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static KeyRecord encrypted(Home home) {
        return KeyRecord.read(home)
                .orElseThrow(() -> new HomeException("the private keys of " + home.root()
                        + " are not encrypted: type `" + home.command("down") + "` and `"
                        + home.command("up --key-file FILE") + "`; nothing was changed"));
    }

    /// Whoever gets the home must not get the key with it.
    private static void requireOutside(Home home, KeySource source) {
        if (source.kind() == KeySource.Kind.FILE && Path.of(source.what()).startsWith(home.root())) {
            throw new HomeException(source + " lies in the home folder, whose keys it is to protect: keep it on another"
                    + " disk, or at least in another folder; nothing was changed");
        }
    }

    private static KeySafe safe(Home home, KeyRecord remembered, WrappingKey key) {
        return new SealedKeys(home, remembered, key, MemoryFolder.ofThisUser(System.getenv()));
    }

    private static <T> T alone(Home home, Supplier<T> work) {
        AtomicFiles.folder(home.root());
        try (FileChannel channel =
                        FileChannel.open(home.keysLock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock _ = channel.lock()) {
            return work.get();
        } catch (IOException e) {
            throw new HomeException("cannot lock " + home.keysLock() + ": " + e.getMessage(), e);
        }
    }
}
