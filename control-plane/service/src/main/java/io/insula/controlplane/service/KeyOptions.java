package io.insula.controlplane.service;

import io.insula.controlplane.keys.KeySource;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options of `insula up` that say what private keys are encrypted with on disk. The home itself remembers it
/// ([io.insula.controlplane.keys.HomeKeys]), as another command changes it: they are not taken from the last start.
final class KeyOptions {

    private static final String FILE = "key-file";
    private static final String COMMAND = "key-command";

    @Option(
            names = "--key-file",
            paramLabel = "FILE",
            description =
                    "Encrypts all private keys on disk, from now on, with the key in this file, which `insula keys"
                            + " new FILE` makes. Keep it on another disk, and a copy of it: without it nothing starts again.")
    private @Nullable String file;

    @Option(
            names = "--key-command",
            paramLabel = "COMMAND",
            description = "The same with the key that this command of the shell prints, 32 bytes in hexadecimal digits"
                    + " or base64: one of a KMS or a TPM. It runs at each start and for each command that uses the"
                    + " admin API.")
    private @Nullable String command;

    /// Empty where none was given.
    Optional<KeySource> source() {
        if (command != null && !command.isEmpty()) {
            return Optional.of(KeySource.command(command));
        }
        return file == null || file.isEmpty() ? Optional.empty() : Optional.of(KeySource.file(Path.of(file)));
    }

    /// What was given, by the options' names without dashes.
    Map<String, String> given() {
        var all = new LinkedHashMap<String, String>();
        source().ifPresent(given -> all.put(given.kind() == KeySource.Kind.FILE ? FILE : COMMAND, given.what()));
        return all;
    }

    /// @throws OptionException when what is given cannot be used
    void check() {
        if (file != null && command != null) {
            throw new OptionException("--key-file, --key-command: one of them; nothing was changed");
        }
        if ((file != null && file.isEmpty()) || (command != null && command.isEmpty())) {
            throw new OptionException(
                    "--key-file, --key-command: nothing (expected: a key; what is encrypted stays so);"
                            + " nothing was changed");
        }
        source().ifPresent(KeySource::id);
    }
}
