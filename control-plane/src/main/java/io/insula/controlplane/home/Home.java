package io.insula.controlplane.home;

import java.nio.file.Path;

/// The folder of one installation. Immutable: it only names files; who writes one says so.
public record Home(Path root) {

    public Home {
        root = root.toAbsolutePath().normalize();
    }

    /// `~/.insula`.
    public static Home standard() {
        return new Home(Path.of(System.getProperty("user.home"), ".insula"));
    }

    /// What is remembered between runs: format, ports.
    public Path stateFile() {
        return root.resolve("state.json");
    }

    /// Held (locked) by the service as long as it lives.
    public Path lockFile() {
        return root.resolve("service.lock");
    }

    /// Written by the service when all of it is ready; removed by a clean stop.
    public Path serviceFile() {
        return root.resolve("service.json");
    }

    /// One line per finished step of the start; read by `insula up`.
    public Path progressFile() {
        return root.resolve("progress.log");
    }

    public Path serviceLog() {
        return root.resolve("logs").resolve("service.log");
    }

    /// Standard output and error of the service's JVM: empty unless logging itself failed.
    public Path serviceOutput() {
        return root.resolve("logs").resolve("service.out");
    }

    public Path logs() {
        return root.resolve("logs");
    }

    public Path adminPki() {
        return root.resolve("admin");
    }

    public Path host() {
        return root.resolve("host");
    }

    public Path kafka() {
        return root.resolve("kafka");
    }

    public Path auditSpool() {
        return root.resolve("audit");
    }

    public Path tenants() {
        return root.resolve("tenants");
    }

    public Path tenant(String name) {
        return tenants().resolve(name);
    }

    /// What may be removed at any time and is fetched again.
    public Path cache() {
        return root.resolve("cache");
    }
}
