package io.insula.node.local;

import io.insula.node.network.PodNetwork;
import io.insula.rules.digest.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/// Where a node of this machine keeps what, and what is named after that. Two folders share nothing.
record NodeFolder(Path home) {

    NodeFolder {
        home = home.toAbsolutePath().normalize();
    }

    Path containerd() {
        return home.resolve("containerd");
    }

    /// Volumes and files of pods.
    Path pods() {
        return home.resolve("pods");
    }

    /// Volumes that outlive pods.
    Path volumes() {
        return home.resolve("volumes");
    }

    Path logs() {
        return home.resolve("logs");
    }

    /// There while something may run.
    Path running() {
        return home.resolve("running");
    }

    Path subnetFile() {
        return home.resolve("subnet");
    }

    Optional<String> subnet() throws IOException {
        try {
            return Optional.of(Files.readString(subnetFile()).strip());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /// A device's name has 15 characters at most.
    String device() {
        return PodNetwork.DEVICES + digest();
    }

    String cgroup() {
        return "/insula-" + digest();
    }

    /// Any number, but always the same.
    int number() {
        return Integer.parseUnsignedInt(digest(), 16);
    }

    private String digest() {
        return Sha256.hex(home.toString(), 4);
    }
}
