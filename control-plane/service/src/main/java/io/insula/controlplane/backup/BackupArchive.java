package io.insula.controlplane.backup;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.rules.digest.Sha256;
import io.insula.tenantapi.api.Json;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/// What is sealed: a ZIP of `tenant.json`, the files beside the store, `snapshot.db`, and at its end
/// `contents.json` with the manifest and the SHA-256 of each of the others. Written in one go.
final class BackupArchive implements AutoCloseable {

    static final String SNAPSHOT = "snapshot.db";
    static final String TENANT = "tenant.json";
    private static final String CONTENTS = "contents.json";

    /// A file, or one in a folder: whatever else an archive names is written nowhere.
    private static final Pattern NAME =
            Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}(/[A-Za-z0-9][A-Za-z0-9._-]{0,127})?");

    private final ZipOutputStream zip;
    private final Map<String, String> hashes = new LinkedHashMap<>();

    BackupArchive(OutputStream into) {
        zip = new ZipOutputStream(into, StandardCharsets.UTF_8);
    }

    /// What writes the content of one entry.
    @FunctionalInterface
    interface Content {
        void writeTo(OutputStream into) throws IOException;
    }

    void add(String name, byte[] content) throws IOException {
        add(name, into -> into.write(content));
    }

    void add(String name, Content content) throws IOException {
        if (!NAME.matcher(name).matches()) {
            throw new IOException("a file has a name that backups do not keep: " + name);
        }
        zip.putNextEntry(new ZipEntry(name));
        var hashing = new DigestOutputStream(new Unclosed(zip), Sha256.start());
        content.writeTo(hashing);
        zip.closeEntry();
        hashes.put(name, HexFormat.of().formatHex(hashing.getMessageDigest().digest()));
    }

    /// Ends it.
    void finish(BackupManifest manifest) throws IOException {
        ObjectNode contents = Json.object();
        contents.set("manifest", manifest.unsealed().tree());
        ObjectNode files = contents.putObject("files");
        hashes.forEach(files::put);
        zip.putNextEntry(new ZipEntry(CONTENTS));
        zip.write(Json.bytes(contents));
        zip.closeEntry();
        zip.finish();
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }

    /// Unpacks all of an archive, to its very end.
    ///
    /// @param into exists, and only the owner may enter it
    /// @throws IOException when it is not what was packed, or is of another backup than `manifest`
    static void unpack(InputStream archive, Path into, BackupManifest manifest) throws IOException {
        var found = new LinkedHashMap<String, String>();
        JsonNode contents = Json.object();
        var zip = new ZipInputStream(archive, StandardCharsets.UTF_8);
        for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
            String name = entry.getName();
            if (name.equals(CONTENTS)) {
                contents = Json.MAPPER.readTree(zip.readAllBytes());
            } else {
                found.put(name, unpack(zip, name, into));
            }
        }
        // the seal is proved by the last byte, which is behind the last entry
        archive.transferTo(OutputStream.nullOutputStream());
        if (!manifest.unsealed().equals(BackupManifest.of(contents.path("manifest")))) {
            throw new IOException("what is sealed in it is another backup than its manifest says");
        }
        requireSame(found, contents.path("files"));
    }

    private static String unpack(InputStream content, String name, Path into) throws IOException {
        if (!NAME.matcher(name).matches()) {
            throw new IOException("it holds a file of the name " + name);
        }
        Path file = into.resolve(name);
        AtomicFiles.folder(file.resolveSibling(""));
        var hashing = new DigestOutputStream(Channels.newOutputStream(AtomicFiles.create(file)), Sha256.start());
        try (hashing) {
            content.transferTo(hashing);
        }
        return HexFormat.of().formatHex(hashing.getMessageDigest().digest());
    }

    private static void requireSame(Map<String, String> found, JsonNode wanted) throws IOException {
        Set<String> names = new HashSet<>(found.keySet());
        wanted.fieldNames().forEachRemaining(names::add);
        for (String name : names) {
            if (!wanted.path(name).asText("none").equals(found.getOrDefault(name, ""))) {
                throw new IOException(name + " in it is not what was packed");
            }
        }
        if (!found.containsKey(SNAPSHOT) || !found.containsKey(TENANT)) {
            throw new IOException("it lacks " + SNAPSHOT + " or " + TENANT);
        }
    }

    /// An entry's end is not the archive's.
    private static final class Unclosed extends FilterOutputStream {
        Unclosed(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }
}
