package io.insula.controlplane.keys;

import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.HomeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.Optional;

/// Private keys are sealed with their folder's data key. Whoever changes the key-encryption key does so in the home,
/// beside a service that runs: so what the home remembers of it is read again whenever another one is met. Thread-safe.
final class SealedKeys implements KeySafe {

    private final Home home;
    private final MemoryFolder memory;
    private volatile Keys keys;

    /// @param now wraps what is new
    private record Keys(WrappingKey now, Map<String, WrappingKey> all) {}

    SealedKeys(Home home, KeyRecord remembered, WrappingKey now, MemoryFolder memory) {
        this.home = home;
        this.memory = memory;
        this.keys = new Keys(now, remembered.all(now, home));
    }

    @Override
    public String seal(Path file, String pem) {
        return SealedKey.seal(dataKey(folderOf(file)), nameOf(file), pem).text();
    }

    @Override
    public String open(Path file, String text) {
        if (!SealedKey.isOne(text)) {
            return text;
        }
        try {
            SealedKey sealed = SealedKey.parse(text);
            DataKey key = kept(folderOf(file));
            if (!sealed.dataKey().equals(key.id())) {
                throw new GeneralSecurityException("it is sealed with the data key " + sealed.dataKey()
                        + ", and the one beside it is " + key.id());
            }
            return sealed.open(key, nameOf(file));
        } catch (NoSuchFileException e) {
            throw HomeException.damaged(folderOf(file).resolve(DataKeyFile.NAME), "it is gone", e);
        } catch (IOException | GeneralSecurityException e) {
            throw HomeException.damaged(file, String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public void settle(Path folder) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        rewrap(folder);
        for (Path file : KeyFolders.keys(folder)) {
            String text = KeyFolders.text(file);
            if (SealedKey.isPlain(text)) {
                AtomicFiles.write(file, seal(file, text));
            }
        }
    }

    private void rewrap(Path folder) {
        try {
            DataKeyFile file = DataKeyFile.read(folder);
            WrappingKey now = current();
            if (!file.wrappedBy().equals(now.id())) {
                DataKeyFile.of(file.open(wrapping(file, folder), folder), now).rewrite(folder);
            }
        } catch (NoSuchFileException e) {
            // nothing is sealed there yet
        } catch (IOException e) {
            throw HomeException.damaged(folder.resolve(DataKeyFile.NAME), String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public Optional<MemoryFolder> memory() {
        return Optional.of(memory);
    }

    /// That of a folder, made when there never was one.
    private synchronized DataKey dataKey(Path folder) {
        try {
            return kept(folder);
        } catch (NoSuchFileException e) {
            for (Path file : KeyFolders.keys(folder)) {
                if (SealedKey.isOne(KeyFolders.text(file))) {
                    throw HomeException.damaged(folder.resolve(DataKeyFile.NAME), "it is gone", e);
                }
            }
            DataKey made = DataKey.make();
            DataKeyFile.of(made, current()).write(folder);
            return made;
        } catch (IOException e) {
            throw HomeException.damaged(folder.resolve(DataKeyFile.NAME), String.valueOf(e.getMessage()), e);
        }
    }

    private DataKey kept(Path folder) throws IOException {
        DataKeyFile file = DataKeyFile.read(folder);
        return file.open(wrapping(file, folder), folder);
    }

    private WrappingKey wrapping(DataKeyFile file, Path folder) {
        WrappingKey known = keys.all().get(file.wrappedBy());
        if (known == null) {
            known = reread().all().get(file.wrappedBy());
        }
        if (known == null) {
            throw new HomeException("the keys in " + folder + " are encrypted with the key " + file.wrappedBy()
                    + ", and this home's is " + keys.now().id() + ": have it take that one, too, by `"
                    + home.command("keys accept --key-file FILE") + "`; nothing was changed");
        }
        return known;
    }

    /// The one that wraps, whoever has changed it since.
    private WrappingKey current() {
        KeyRecord remembered = remembered();
        return remembered.kek().equals(keys.now().id()) ? keys.now() : reread().now();
    }

    private synchronized Keys reread() {
        KeyRecord remembered = remembered();
        WrappingKey now = remembered.kek().equals(keys.now().id())
                ? keys.now()
                : HomeKeys.require(remembered, remembered.source());
        keys = new Keys(now, remembered.all(now, home));
        return keys;
    }

    private KeyRecord remembered() {
        return KeyRecord.read(home)
                .orElseThrow(() ->
                        HomeException.damaged(home.keysFile(), "it is gone", new NoSuchFileException("keys.json")));
    }

    private static Path folderOf(Path file) {
        return file.toAbsolutePath().resolveSibling("").normalize();
    }

    private static String nameOf(Path file) {
        return String.valueOf(file.getFileName());
    }
}
