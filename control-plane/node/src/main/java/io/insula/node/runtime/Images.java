package io.insula.node.runtime;

import java.util.List;
import java.util.Optional;

/// The images that a runtime has. Thread-safe; throws [RuntimeFailure].
public interface Images {

    /// @param name as in a pod, or an id
    Optional<Image> find(String name);

    List<Image> list();

    /// Fetches from the image's registry, whatever is here already.
    ///
    /// @return the image's reference, by digest where it has one
    String pull(String name, Optional<RegistryAuth> auth, SandboxSpec sandbox);

    /// Idempotent.
    void remove(String name);

    /// Bytes and inodes that all images take.
    FilesystemUse use();

    /// @param id of its configuration, e.g. `sha256:…`
    /// @param user by number as which it runs by default, where it says so
    /// @param username by name as which it runs by default; empty where it says none
    /// @param pinned whether the runtime itself needs it
    record Image(
            String id,
            List<String> tags,
            List<String> digests,
            long bytes,
            Optional<Long> user,
            String username,
            boolean pinned) {
        public Image {
            tags = List.copyOf(tags);
            digests = List.copyOf(digests);
        }
    }

    /// Credentials for one registry.
    record RegistryAuth(String username, String password, String server, String identityToken) {}

    record FilesystemUse(String mountpoint, long bytes, long inodes) {}
}
