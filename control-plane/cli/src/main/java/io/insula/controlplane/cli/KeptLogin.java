package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.Home;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// What is kept of a login between two commands, readable by its owner only: tokens, and certificates for tenants. One
/// command at a time uses it: a token by which more are had is often good for once.
///
/// @param folder of this login
/// @param keeps whether anything is written at all
record KeptLogin(Path folder, boolean keeps) {

    private static final String TOKENS = "tokens";
    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    static KeptLogin of(Home home, LoginFile login, boolean keeps) {
        return new KeptLogin(home.root().resolve("logins").resolve(login.key()), keeps);
    }

    Optional<LoginTokens> tokens() {
        return read(TOKENS).map(LoginTokens::kept);
    }

    void keep(LoginTokens tokens) {
        write(TOKENS, tokens.tree());
    }

    /// What there is for one tenant, as it was answered.
    Optional<JsonNode> credential(String tenant) {
        return read(name(tenant));
    }

    void keep(String tenant, JsonNode answer) {
        write(name(tenant), answer);
    }

    /// Nothing is left of it.
    void forget() {
        AtomicFiles.deleteTree(folder);
    }

    /// Does it while no other command uses what is kept.
    <T> T alone(Supplier<T> work) {
        if (!keeps) {
            return work.get();
        }
        AtomicFiles.folder(folder);
        Path lock = folder.resolveSibling(folder.getFileName() + ".lock");
        try (var channel = FileChannel.open(
                        lock, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), OWNER_ONLY);
                var _ = channel.lock()) {
            return work.get();
        } catch (IOException e) {
            throw new CommandException("cannot lock " + lock + ": " + e.getMessage(), e);
        }
    }

    private static String name(String tenant) {
        return "tenant-" + tenant;
    }

    /// Whatever cannot be read counts as nothing: it is had again.
    private Optional<JsonNode> read(String name) {
        try {
            return keeps ? Optional.of(Json.MAPPER.readTree(Files.readAllBytes(file(name)))) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private void write(String name, JsonNode content) {
        if (keeps) {
            AtomicFiles.write(file(name), ((ObjectNode) content).toPrettyString() + "\n");
        }
    }

    private Path file(String name) {
        return folder.resolve(name + ".json");
    }
}
