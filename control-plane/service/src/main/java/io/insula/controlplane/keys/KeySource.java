package io.insula.controlplane.keys;

import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.HomeException;
import io.insula.controlplane.home.ShellWord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/// Where a key-encryption key comes from: 32 bytes, as 64 hexadecimal digits or in base64. Immutable.
///
/// @param what the absolute name of a file, or a command for `/bin/sh` that prints the key, such as those of a KMS or
///     a TPM
public record KeySource(Kind kind, String what) {

    private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");
    private static final Duration COMMAND_WITHIN = Duration.ofMinutes(2);
    private static final int MOST_BYTES = 1024;
    private static final Set<PosixFilePermission> OWNERS =
            Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);

    /// In what way.
    public enum Kind {
        FILE,
        COMMAND
    }

    public static KeySource file(Path file) {
        return new KeySource(Kind.FILE, file.toAbsolutePath().normalize().toString());
    }

    public static KeySource command(String command) {
        return new KeySource(Kind.COMMAND, command);
    }

    /// Makes a key in a new file of this user's.
    ///
    /// @throws HomeException when there is something of this name, or it cannot be written
    public static KeySource make(Path file) {
        byte[] text = (HexFormat.of().formatHex(Envelope.newKey()) + "\n").getBytes(StandardCharsets.US_ASCII);
        try (FileChannel channel = AtomicFiles.create(file)) {
            var buffer = ByteBuffer.wrap(text);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        } catch (FileAlreadyExistsException e) {
            throw new HomeException(
                    file + " exists: what it holds may be a key that is needed; nothing was changed", e);
        } catch (IOException e) {
            throw new HomeException("cannot write " + file + ": " + e.getMessage() + "; nothing was changed", e);
        }
        AtomicFiles.syncFolder(file.toAbsolutePath().resolveSibling(""));
        return file(file);
    }

    /// The id of the key that it has now.
    ///
    /// @throws HomeException as [#load] does
    public String id() {
        return load().id();
    }

    /// @throws HomeException when it has no key, or others may read it
    WrappingKey load() {
        return WrappingKey.of(
                switch (kind) {
                    case FILE -> parse(readFile(Path.of(what)));
                    case COMMAND -> parse(run());
                });
    }

    private byte[] parse(String text) {
        String stripped = text.strip();
        if (HEX.matcher(stripped.toLowerCase(Locale.ROOT)).matches()) {
            return HexFormat.of().parseHex(stripped.toLowerCase(Locale.ROOT));
        }
        try {
            byte[] decoded = Base64.getDecoder().decode(stripped);
            if (decoded.length == Envelope.KEY_BYTES) {
                return decoded;
            }
        } catch (IllegalArgumentException e) {
            // what it is instead may be a secret
        }
        throw new HomeException(this + " has no key (expected: 64 hexadecimal digits, or 32 bytes in base64, and"
                + " nothing else); nothing was changed");
    }

    private static String readFile(Path file) {
        try {
            if (!Files.exists(file)) {
                throw new HomeException("there is no key file " + file + ": bring it back; or, for keys that were never"
                        + " encrypted, make one by `insula keys new " + ShellWord.quote(file)
                        + "`; nothing was changed");
            }
            if (!Files.isRegularFile(file)) {
                throw new HomeException("the key file " + file + " is no file; nothing was changed");
            }
            if (!OWNERS.containsAll(Files.getPosixFilePermissions(file))) {
                throw new HomeException("others may read or write the key file " + file + ": type `chmod 600 "
                        + ShellWord.quote(file) + "`; nothing was changed");
            }
            try (var in = Files.newInputStream(file)) {
                return new String(in.readNBytes(MOST_BYTES), StandardCharsets.US_ASCII);
            }
        } catch (IOException e) {
            throw new HomeException(
                    "cannot read the key file " + file + ": " + e.getMessage() + "; nothing was changed", e);
        }
    }

    /// What it says on standard error is for whoever has started this.
    private String run() {
        try {
            Process process = new ProcessBuilder(List.of("/bin/sh", "-c", what))
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            var said = new CompletableFuture<String>();
            Thread.ofVirtual().name("insula-key-command").start(() -> {
                try (var out = process.getInputStream()) {
                    said.complete(new String(out.readNBytes(MOST_BYTES), StandardCharsets.US_ASCII));
                } catch (IOException e) {
                    said.completeExceptionally(e);
                }
            });
            if (!process.waitFor(COMMAND_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new HomeException(
                        this + " has not ended after " + COMMAND_WITHIN.toSeconds() + " s; nothing was changed");
            }
            if (process.exitValue() != 0) {
                throw new HomeException(this + " ended with " + process.exitValue() + "; nothing was changed");
            }
            return said.get(COMMAND_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (IOException | ExecutionException | TimeoutException e) {
            throw new HomeException(this + " cannot be run: " + e.getMessage() + "; nothing was changed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HomeException(this + ": interrupted", e);
        }
    }

    /// For people.
    @Override
    public String toString() {
        return (kind == Kind.FILE ? "the key file " : "the key command ")
                + (kind == Kind.FILE ? what : "`" + what + "`");
    }
}
