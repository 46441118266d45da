package io.insula.controlplane.home;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/// The folder of one installation. Immutable: it only names files; who writes one says so.
public record Home(Path root) {

    public Home {
        root = root.toAbsolutePath().normalize();
        if (root.toString().indexOf(UNREADABLE) >= 0) {
            throw unreadable(root.toString());
        }
    }

    /// What Java makes of bytes that are none of the locale's characters.
    public static final char UNREADABLE = '\uFFFD';

    /// What to say of a folder whose name cannot be read or written in this locale.
    public static HomeException unreadable(String folder) {
        return new HomeException("the name of the folder \"" + folder + "\" cannot be used in this locale ("
                + System.getProperty("sun.jnu.encoding") + "): type `export LC_ALL=C.UTF-8` and try again;"
                + " nothing was changed");
    }

    /// `~/.insula`.
    public static Home standard() {
        String folder = System.getProperty("user.home");
        try {
            return new Home(Path.of(folder, ".insula"));
        } catch (InvalidPathException e) {
            throw unreadable(folder);
        }
    }

    /// What a person types to run a command of `insula` on this home: `insula up --home '/my home'`.
    ///
    /// @param rest the command's words, as typed
    public String command(String rest) {
        return "insula " + rest + (equals(standard()) ? "" : " --home " + ShellWord.quote(root));
    }

    /// What is remembered between runs: format, ports.
    public Path stateFile() {
        return root.resolve("state.json");
    }

    /// Whether this user may work in the folder; one that does not exist yet is fine.
    ///
    /// @throws HomeException naming the folder and its owner
    public void requireOwn() {
        if (!Files.exists(root)) {
            return;
        }
        if (!Files.isDirectory(root)) {
            throw new HomeException(root + " is a file: choose a folder with --home; nothing was changed");
        }
        if (!Files.isReadable(root) || !Files.isWritable(root) || !Files.isExecutable(root)) {
            throw new HomeException(root + " belongs to " + owner() + ", and " + System.getProperty("user.name")
                    + " may not work in it: run this as its owner, or choose another folder with --home;"
                    + " nothing was changed");
        }
    }

    private String owner() {
        try {
            return Files.getOwner(root).getName();
        } catch (IOException e) {
            return "somebody else";
        }
    }

    /// Held (locked) by whoever is about to start the service, for that moment.
    public Path startLock() {
        return root.resolve("start.lock");
    }

    /// Held (locked) by the service as long as it lives.
    public Path lockFile() {
        return root.resolve("service.lock");
    }

    /// Written by the service as soon as its admin API answers; removed by a clean stop.
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

    /// A folder for each node back end, by its name.
    public Path nodes() {
        return root.resolve("nodes");
    }

    public Path kafka() {
        return root.resolve("kafka");
    }

    public Path auditSpool() {
        return root.resolve("audit");
    }

    /// Where backups of tenants are kept unless `insula up` was told otherwise.
    public Path backups() {
        return root.resolve("backups");
    }

    /// Where backups are written that are kept in another place: removed whenever that is over.
    public Path uploads() {
        return root.resolve("uploads");
    }

    /// The superuser's keys to all backups.
    public Path backupKeys() {
        return adminPki().resolve("backup.key");
    }

    /// How private keys are encrypted; absent where they are not.
    public Path keysFile() {
        return root.resolve("keys.json");
    }

    /// Held (locked) by whoever changes that.
    public Path keysLock() {
        return root.resolve("keys.lock");
    }

    /// Where backups are looked into: removed whenever that is over.
    public Path scratch() {
        return root.resolve("scratch");
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
