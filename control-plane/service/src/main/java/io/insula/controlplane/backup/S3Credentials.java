package io.insula.controlplane.backup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Who asks an S3-compatible store for something. Immutable; never printed.
///
/// @param token of a session; empty for none
record S3Credentials(String id, String secret, String token) {

    /// Where they come from; asked at each request, as they may be replaced.
    @FunctionalInterface
    interface Source {
        /// @throws S3Exception saying what to type where there are none
        S3Credentials read() throws S3Exception;
    }

    private static final String ID = "aws_access_key_id";
    private static final String SECRET = "aws_secret_access_key";
    private static final String TOKEN = "aws_session_token";

    /// Those of a file as other tools have it (`aws_access_key_id = …`, of the first section or of none), or of the
    /// environment where there is no file.
    ///
    /// Source: AWS SDKs and Tools reference guide, "Shared config and credentials files".
    ///
    /// @param environment a variable's value by its name; null for none
    static Source from(@Nullable Path file, UnaryOperator<@Nullable String> environment) {
        return file == null ? () -> ofEnvironment(environment) : () -> ofFile(file);
    }

    private static S3Credentials ofEnvironment(UnaryOperator<@Nullable String> environment) throws S3Exception {
        var values = new HashMap<String, String>();
        for (String name : new String[] {ID, SECRET, TOKEN}) {
            Optional.ofNullable(environment.apply(name.toUpperCase(java.util.Locale.ROOT)))
                    .ifPresent(value -> values.put(name, value));
        }
        return of(
                values,
                "no credentials for the store of backups: start the service with AWS_ACCESS_KEY_ID and"
                        + " AWS_SECRET_ACCESS_KEY in its environment, or with --backups-credentials FILE");
    }

    private static S3Credentials ofFile(Path file) throws S3Exception {
        var values = new HashMap<String, String>();
        try {
            boolean begun = false;
            for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
                String text = line.strip();
                if (text.startsWith("[") && begun) {
                    break;
                }
                int equals = text.indexOf('=');
                if (equals > 0 && !text.startsWith("#")) {
                    begun = true;
                    values.put(
                            text.substring(0, equals).strip(),
                            text.substring(equals + 1).strip());
                }
            }
        } catch (IOException e) {
            throw new S3Exception("", "the credentials for the store of backups cannot be read: " + e, e);
        }
        return of(values, file + " holds no credentials (expected: " + ID + " = … and " + SECRET + " = …)");
    }

    private static S3Credentials of(Map<String, String> values, String otherwise) throws S3Exception {
        String id = values.getOrDefault(ID, "");
        String secret = values.getOrDefault(SECRET, "");
        if (id.isEmpty() || secret.isEmpty()) {
            throw new S3Exception("", otherwise);
        }
        return new S3Credentials(id, secret, values.getOrDefault(TOKEN, ""));
    }

    @Override
    public String toString() {
        return "credentials of " + id;
    }
}
