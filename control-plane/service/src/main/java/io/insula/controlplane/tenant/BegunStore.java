package io.insula.controlplane.tenant;

import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.HomeException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Whether an etcd has ever run on a folder, as a mark in it says.
///
/// @param folder of the etcd
record BegunStore(Path folder) {

    /// etcd would begin anew without a word, and all that was acknowledged would be gone.
    ///
    /// @throws HomeException when one has run here, and its data is gone
    void requireNotLost() {
        Path store = folder.resolve("data").resolve("member");
        if (Files.exists(mark()) && !Files.isDirectory(store)) {
            throw new HomeException("the home folder is damaged: " + store + " is gone; restore it, or remove " + mark()
                    + " to begin with an empty cluster");
        }
    }

    /// One has run here from now on.
    void remember() {
        AtomicFiles.write(mark(), "");
    }

    private Path mark() {
        return folder.resolve("begun");
    }
}
