package io.insula.controlplane.nodes;

import io.insula.node.image.ImageSpec;
import io.insula.node.runtime.Images.Image;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// The nodes of a back end as whoever owns this machine uses them, past every API server and also where another process
/// runs them: their images, and commands in their containers. A port: each back end whose nodes really run something
/// on this machine has its own. All methods throw [Failure]. Thread-safe.
public interface NodeAccess extends AutoCloseable {

    /// Why it cannot be done, in words for people.
    final class Failure extends RuntimeException {
        public Failure(String message, Throwable cause) {
            super(message, cause);
        }

        public Failure(String message) {
            super(message);
        }
    }

    /// The images that pods can use.
    List<Image> images();

    /// Takes all images from an archive, as `docker save` writes it.
    ///
    /// @return their names, as pods can use them now
    List<String> load(Path archive);

    /// Makes an image out of a folder, without a registry.
    ///
    /// @return its digest
    String build(Path folder, ImageSpec spec);

    /// Puts a shell and its usual programs into the root of an image to be.
    void addShell(Path root);

    /// Runs a command in a container to its end.
    ///
    /// @param container as a pod's status names it, with what runs it before `://`
    /// @return what it wrote to its standard output
    String exec(String container, List<String> command, Duration within);

    /// Nothing ends but the access.
    @Override
    void close();
}
