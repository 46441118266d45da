package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// Where people log in, as `insula admin login-file` has printed it; nothing of it is secret. Immutable.
///
/// @param path of the file
/// @param server `https://host:port` of the admin API
/// @param authority who signs for the server, PEM
/// @param issuer its URL
/// @param issuerAuthority PEM; empty for the platform's
record LoginFile(
        Path path,
        String server,
        String authority,
        String issuer,
        String clientId,
        String issuerAuthority,
        List<String> scopes) {

    LoginFile {
        scopes = List.copyOf(scopes);
    }

    /// @throws CommandException where it is none
    static LoginFile read(Path path) {
        try {
            return of(path, Json.MAPPER.readTree(Files.readAllBytes(path)));
        } catch (IOException e) {
            throw new CommandException(
                    "--login: cannot read " + path + " (" + e + "; expected: what `insula admin login-file` has"
                            + " printed)",
                    e);
        }
    }

    private static LoginFile of(Path path, JsonNode tree) {
        JsonNode issuer = tree.path("issuer");
        var scopes = new ArrayList<String>();
        issuer.path("scopes").forEach(scope -> scopes.add(scope.asText()));
        var read = new LoginFile(
                path.toAbsolutePath(),
                tree.path("server").asText(),
                tree.path("certificateAuthority").asText(),
                issuer.path("url").asText(),
                issuer.path("clientId").asText(),
                issuer.path("certificateAuthority").asText(),
                scopes);
        if (!isSecure(read.server())
                || !isSecure(read.issuer())
                || read.clientId().isEmpty()) {
            throw new CommandException(
                    "--login: " + path + " is none (expected: what `insula admin login-file` has printed)");
        }
        return read;
    }

    static boolean isSecure(String url) {
        return url.startsWith("https://");
    }

    /// The same for logins that may share what is kept of them.
    String key() {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest(String.join("\n", server, authority, issuer, clientId)
                            .getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("no SHA-256", e);
        }
    }
}
