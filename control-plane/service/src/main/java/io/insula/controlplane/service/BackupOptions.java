package io.insula.controlplane.service;

import io.insula.controlplane.backup.BackupFolder;
import io.insula.controlplane.backup.BackupPlace;
import io.insula.controlplane.backup.S3Backups;
import io.insula.controlplane.backup.S3Location;
import io.insula.controlplane.home.Home;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options of `insula up` that say where backups of tenants are kept. Credentials are none of them: everybody on
/// the machine sees options, and they are remembered.
final class BackupOptions {

    private static final String PLACE = "backups";
    private static final String CREDENTIALS = "backups-credentials";

    @Option(
            names = "--backups",
            paramLabel = "PLACE",
            description = "Keeps backups of tenants in this folder, best of another disk (default: backups in the"
                    + " home folder), or in an S3-compatible store:"
                    + " s3://BUCKET/PREFIX?endpoint=URL&region=REGION (default: Amazon's, us-east-1). Their key stays"
                    + " in the home folder: keep a copy of it elsewhere.")
    private @Nullable String place;

    @Option(
            names = "--backups-credentials",
            paramLabel = "FILE",
            description = "Credentials of that store, aws_access_key_id = … and aws_secret_access_key = …, one a line"
                    + " (default: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of the environment).")
    private @Nullable String credentials;

    /// @throws OptionException when it is none
    BackupPlace place(Home home) {
        Path file = file(credentials);
        if (!isStore()) {
            Path folder = file(place);
            return new BackupFolder(folder == null ? home.backups() : folder);
        }
        return new S3Backups(location(), file, home.uploads(), Clock.systemUTC());
    }

    /// What was given, by the options' names without dashes.
    Map<String, String> given() {
        var all = new LinkedHashMap<String, String>();
        add(all, PLACE, isStore() ? place : absolute(place));
        add(all, CREDENTIALS, absolute(credentials));
        return all;
    }

    /// Takes what was not given from what was given before.
    void completeWith(Map<String, String> before) {
        place = place == null ? before.get(PLACE) : place;
        credentials = credentials == null ? before.get(CREDENTIALS) : credentials;
    }

    /// @throws OptionException when what is given cannot be used
    void check() {
        if (isStore()) {
            var _ = location();
        }
        Path file = file(credentials);
        if (file != null && !Files.isReadable(file)) {
            throw new OptionException("--backups-credentials: cannot read " + file + "; nothing was changed");
        }
    }

    private boolean isStore() {
        return place != null && place.startsWith(S3Location.SCHEME);
    }

    private S3Location location() {
        try {
            return S3Location.of(String.valueOf(place));
        } catch (IllegalArgumentException e) {
            throw new OptionException("--backups: " + e.getMessage() + "; nothing was changed", e);
        }
    }

    private static @Nullable Path file(@Nullable String name) {
        return name == null || name.isEmpty() ? null : Path.of(name);
    }

    private static @Nullable String absolute(@Nullable String name) {
        Path file = file(name);
        return file == null ? name : file.toAbsolutePath().toString();
    }

    private static void add(Map<String, String> all, String name, @Nullable String value) {
        if (value != null) {
            all.put(name, value);
        }
    }
}
