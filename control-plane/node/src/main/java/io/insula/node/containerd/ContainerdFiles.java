package io.insula.node.containerd;

import io.insula.rules.digest.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// Where a containerd of our own keeps what. Two of different homes share nothing.
///
/// @param home lasts
/// @param state goes with the next boot, as what it tells of is gone then too
record ContainerdFiles(Path home, Path state) {

    static ContainerdFiles of(Path home) {
        Path absolute = home.toAbsolutePath().normalize();
        // Short, as a Unix socket's name has 107 bytes at most; of the home, so that the next run finds it again.
        return new ContainerdFiles(absolute, Path.of("/run/insula-" + Sha256.hex(absolute.toString(), 4)));
    }

    Path config() {
        return home.resolve("config.toml");
    }

    Path root() {
        return home.resolve("root");
    }

    Path log() {
        return home.resolve("containerd.log");
    }

    Path network() {
        return home.resolve("net.d");
    }

    /// The network plugins that it calls.
    Path plugins() {
        return home.resolve("plugins");
    }

    Path leases() {
        return home.resolve("leases");
    }

    Path runscWrapper() {
        return home.resolve("runsc");
    }

    Path socket() {
        return state.resolve("containerd.sock");
    }

    void make() throws IOException {
        for (Path folder : new Path[] {home, state, root(), network(), plugins(), leases()}) {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
        }
    }
}
