package io.insula.controlplane.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/// A package that is fetched from npm's registry, pinned by its version and by the hash of its archive: whatever the
/// registry or a mirror of it answers, nothing else is ever unpacked. All pins are in `npm-packages.tsv`.
///
/// @param integrity as the registry says it: `sha512-` and the hash of the archive in Base64. Source: W3C Subresource
///     Integrity, "hash-expression"
public record NpmPackage(String name, String version, String integrity) {

    private static final String PINS = "npm-packages.tsv";

    public NpmPackage {
        if (!integrity.startsWith("sha512-")) {
            throw new IllegalArgumentException("integrity: " + integrity + " (expected: sha512-…)");
        }
    }

    /// Brings the archive of a package.
    @FunctionalInterface
    interface Registry {
        /// Puts the archive, one file `*.tgz`, into a folder.
        void fetch(NpmPackage wanted, Path folder);

        /// By the npm of this machine.
        static Registry npm() {
            return (wanted, folder) ->
                    Program.run(List.of("npm", "pack", "--silent", wanted.name + "@" + wanted.version), "", folder);
        }
    }

    /// The package that holds something.
    ///
    /// @param content `kubectl 1.35`
    public static NpmPackage holding(String content) {
        return pins().filter(pin -> pin.getFirst().equals(content))
                .map(pin -> new NpmPackage(pin.get(1), pin.get(2), pin.get(3)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("content: " + content + " (expected: one of "
                        + pins().map(List::getFirst).toList() + ")"));
    }

    /// Fetches it into an empty folder and unpacks it there.
    ///
    /// @throws CommandException when it cannot be fetched, or is not what is pinned: then nothing of it is unpacked
    public void unpackInto(Path folder) {
        unpackInto(folder, Registry.npm());
    }

    void unpackInto(Path folder, Registry registry) {
        registry.fetch(this, folder);
        Path archive = archive(folder);
        String actual = integrityOf(archive);
        if (!actual.equals(integrity)) {
            throw new CommandException(name + "@" + version + " is not what it was when it was chosen, and is not used:"
                    + " its archive is " + actual + " (expected: " + integrity + ")");
        }
        Program.run(List.of("tar", "-xzf", archive.toString()), "", folder);
    }

    private static Stream<List<String>> pins() {
        try (InputStream pins = NpmPackage.class.getResourceAsStream(PINS)) {
            if (pins == null) {
                throw new IllegalStateException(PINS + " is missing");
            }
            return new String(pins.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> Arrays.asList(line.split("\t", -1)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path archive(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".tgz"))
                    .findFirst()
                    .orElseThrow(() -> new CommandException("npm brought no archive of " + name + "@" + version));
        } catch (IOException e) {
            throw new CommandException("cannot read " + folder + ": " + e.getMessage(), e);
        }
    }

    private static String integrityOf(Path archive) {
        try {
            MessageDigest sha512 = MessageDigest.getInstance("SHA-512");
            try (var stream = new DigestInputStream(Files.newInputStream(archive), sha512)) {
                stream.transferTo(OutputStream.nullOutputStream());
            }
            return "sha512-" + Base64.getEncoder().encodeToString(sha512.digest());
        } catch (IOException e) {
            throw new CommandException("cannot read " + archive + ": " + e.getMessage(), e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-512", e);
        }
    }
}
