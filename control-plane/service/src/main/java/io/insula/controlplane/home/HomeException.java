package io.insula.controlplane.home;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// The home folder cannot be used as it is; the message names the file, what is wrong with it and what to do.
public final class HomeException extends RuntimeException {

    public HomeException(String message) {
        super(message);
    }

    /// Of a file that nothing but a copy of it can bring back.
    ///
    /// @param why what is wrong with it
    public static HomeException damaged(Path file, String why, @Nullable Throwable cause) {
        return new HomeException(
                "the home folder is damaged: " + file + ": " + why
                        + "; restore the file from a backup; nothing was changed",
                cause);
    }

    public HomeException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
