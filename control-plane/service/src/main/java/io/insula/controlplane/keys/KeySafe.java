package io.insula.controlplane.keys;

import java.nio.file.Path;
import java.util.Optional;

/// How private keys lie on disk. Both forms are read whatever it is: a key that was written before it was encrypted
/// is one still. Thread-safe.
public interface KeySafe {

    /// As they are.
    KeySafe PLAIN = new PlainKeys();

    /// What the file of a private key is to hold.
    ///
    /// @param pem the key
    /// @throws io.insula.controlplane.home.HomeException when the folder's data key cannot be used
    String seal(Path file, String pem);

    /// The private key of a file.
    ///
    /// @param text what it holds
    /// @throws io.insula.controlplane.home.HomeException when it is damaged, or its key is not there
    String open(Path file, String text);

    /// Has a folder's keys lie as this has them: what lies there as it is no more is written anew, key by key. May end
    /// anywhere and be begun again. Nothing happens where there is no such folder.
    void settle(Path folder);

    /// Where programs find keys that they read from files; empty where they find them beside all others.
    Optional<MemoryFolder> memory();
}
