package io.insula.controlplane.pki;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.HomeException;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A key of a cluster that another one can replace while it is used, in two phases: first the new one signs, and what
/// the old one signed is taken; then that is taken no more, and the old one's files go. One file, `NAME.ring`, says how
/// it stands and is replaced as a whole; what it names is on disk before, and goes after. So a death leaves one phase
/// or the other. A key that never changed has no such file.
///
/// Thread-safe: guarded by `this`; readers get an image.
public final class KeyRing<K> {

    private final String first;
    private final Path file;
    private final PemStore store;
    private final Function<String, K> opener;
    private final Consumer<String> forgetting;
    private final Pattern names;
    private final Clock clock;
    private final List<K> dropped = new CopyOnWriteArrayList<>();
    private volatile Keys<K> keys;

    /// An image of how it stands. Immutable.
    ///
    /// @param since when it came to this; the epoch where the key never changed
    /// @param name of the key that signs: `sa`, then `sa-2` …
    /// @param formerName of the one that is taken besides; empty where there is none
    /// @param former that one, or none
    public record Keys<K>(Instant since, String name, K signing, String formerName, List<K> former) {
        public Keys {
            former = List.copyOf(former);
        }

        /// Whether the first phase has begun and the second one has not.
        public boolean isRotating() {
            return !formerName.isEmpty();
        }

        /// Those that are taken, the one that signs first.
        public List<K> taken() {
            return Stream.concat(Stream.of(signing), former.stream()).toList();
        }

        /// The one that everybody knows who knows any of them.
        K oldest() {
            return taken().getLast();
        }

        String oldestName() {
            return isRotating() ? formerName : name;
        }

        /// The names of those that are taken, by which two phases are told apart.
        @Override
        public String toString() {
            return isRotating() ? name + ", " + formerName : name;
        }

        /// Whether a key of this name is one of them.
        public boolean isTaken(String other) {
            return other.equals(name) || (isRotating() && other.equals(formerName));
        }
    }

    /// @param first the name of the first key
    /// @param opener opens or makes the key of a name
    /// @param forgetting removes the files of a name, and those of all that it alone is good for
    /// @throws HomeException when a file is damaged, or gone
    KeyRing(String first, PemStore store, Function<String, K> opener, Consumer<String> forgetting, Clock clock) {
        this.first = first;
        this.file = store.ringFile(first);
        this.store = store;
        this.opener = opener;
        this.forgetting = forgetting;
        this.names = Pattern.compile(Pattern.quote(first) + "-([2-9]|[1-9][0-9]{1,8})");
        this.clock = clock;
        this.keys = Files.exists(file) ? read() : new Keys<>(Instant.EPOCH, first, opener.apply(first), "", List.of());
        forgetOlder();
    }

    /// What a death at the end of a change has left.
    private void forgetOlder() {
        int index = index(keys.oldestName());
        if (index > 1) {
            forgetting.accept(name(index - 1));
        }
    }

    /// From memory.
    public Keys<K> now() {
        return keys;
    }

    /// Those that were dropped since this was opened. From memory.
    public List<K> dropped() {
        return List.copyOf(dropped);
    }

    /// A new key signs from now on, and the one that did is taken. Does nothing where that is so.
    public synchronized void begin() {
        if (!keys.isRotating()) {
            String next = name(index(keys.name()) + 1);
            var _ = opener.apply(next);
            write(next, keys.name());
        }
    }

    /// What the former key signed is worth nothing from now on, and nobody can sign with it any more. Does nothing
    /// where there is none.
    public synchronized void finish() {
        Keys<K> before = keys;
        if (before.isRotating()) {
            write(before.name(), "");
            dropped.addAll(before.former());
            forgetting.accept(before.formerName());
        }
    }

    private void write(String signing, String former) {
        ObjectNode tree = Json.object().put("since", clock.instant().toString()).put("signing", signing);
        if (!former.isEmpty()) {
            tree.put("former", former);
        }
        AtomicFiles.write(file, tree.toPrettyString() + "\n");
        keys = read();
    }

    private Keys<K> read() {
        try {
            JsonNode tree = Json.MAPPER.readTree(Files.readAllBytes(file));
            String signing = tree.path("signing").asText();
            String former = tree.path("former").asText();
            Instant since = Instant.parse(tree.path("since").asText());
            if (!former.isEmpty() && index(former) != index(signing) - 1) {
                throw new IllegalArgumentException(
                        "former: \"" + former + "\" (expected: the one before " + signing + ")");
            }
            return new Keys<>(
                    since, signing, kept(signing), former, former.isEmpty() ? List.of() : List.of(kept(former)));
        } catch (IOException | IllegalArgumentException | DateTimeException e) {
            throw HomeException.damaged(file, String.valueOf(e.getMessage()), e);
        }
    }

    /// Another one in its place would be taken by nobody.
    private K kept(String name) {
        store.expect(name);
        return opener.apply(name);
    }

    private String name(int index) {
        return index == 1 ? first : first + "-" + index;
    }

    /// @throws IllegalArgumentException for what is no name of such a key: it shall not get near a path
    private int index(String name) {
        if (name.equals(first)) {
            return 1;
        }
        var matcher = names.matcher(name);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("\"" + name + "\" (expected: a key such as " + first + "-2)");
        }
        return Integer.parseInt(matcher.group(1));
    }
}
