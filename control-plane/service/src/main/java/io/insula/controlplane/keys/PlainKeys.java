package io.insula.controlplane.keys;

import io.insula.controlplane.home.HomeException;
import java.nio.file.Path;
import java.util.Optional;

/// Nothing is encrypted, and nothing that is can be opened. Stateless.
final class PlainKeys implements KeySafe {

    @Override
    public String seal(Path file, String pem) {
        return pem;
    }

    @Override
    public String open(Path file, String text) {
        if (SealedKey.isOne(text)) {
            throw new HomeException(file + " is encrypted, and this home has no key for it: start it with --key-file or"
                    + " --key-command and the key that it was encrypted with; nothing was changed");
        }
        return text;
    }

    @Override
    public void settle(Path folder) {
        // they lie there as they are
    }

    @Override
    public Optional<MemoryFolder> memory() {
        return Optional.empty();
    }
}
