package io.insula.tenantapi.storage.etcd;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/// Which etcd a test runs against.
public enum EtcdRelease {
    /// The one of the `PATH`: 3.4 in Debian 12.
    INSTALLED,

    /// The newest that Debian offers, which `./insula test` fetches and names in `INSULA_NEWER_ETCD`.
    NEWER;

    private static final String NEWER_PROGRAM = "INSULA_NEWER_ETCD";

    /// Skips the test where this release is not to be had; in CI it goes on, and fails.
    void assume() {
        Assumptions.assumeTrue(
                this == INSTALLED || isCi() || newer() != null,
                NEWER_PROGRAM + " is unset: nothing is known of a newer etcd (expected: the test is run by ./insula"
                        + " test, on a Debian with a way to its mirror)");
    }

    /// @throws IllegalStateException where it is not to be had
    Path program() {
        if (this == INSTALLED) {
            return installed();
        }
        Path newer = newer();
        if (newer == null || !Files.isExecutable(newer)) {
            throw new IllegalStateException(NEWER_PROGRAM + " names no program: " + newer);
        }
        return newer;
    }

    private static boolean isCi() {
        return !System.getenv().getOrDefault("CI", "").isEmpty();
    }

    private static @Nullable Path newer() {
        String name = System.getenv(NEWER_PROGRAM);
        return name == null || name.isEmpty() ? null : Path.of(name);
    }

    private static Path installed() {
        for (String folder : System.getenv("PATH").split(File.pathSeparator, -1)) {
            Path candidate = Path.of(folder, "etcd");
            if (Files.isExecutable(candidate)) {
                return candidate;
            }
        }
        throw new IllegalStateException("etcd is not on the PATH (expected: Debian's package etcd-server)");
    }
}
