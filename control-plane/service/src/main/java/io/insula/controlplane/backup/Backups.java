package io.insula.controlplane.backup;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.backup.BackupPlace.Kept;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.HomeException;
import io.insula.controlplane.home.Release;
import io.insula.controlplane.keys.KeySafe;
import io.insula.process.ChildException;
import io.insula.rules.digest.Sha256;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.storage.StorageException;
import io.insula.tenantapi.storage.etcd.EtcdSnapshots.Digest;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// Takes backups, proves that they are good, and unpacks them. Calls take as long as the store is large; what is done
/// with one tenant's backups is done one after the other. Thread-safe.
public final class Backups {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final int ATTEMPTS = 3;
    private static final int SUFFIXES = 0x10000;

    private final BackupPlace place;
    private final BackupKeys keys;
    private final Path scratch;
    private final InstantSource clock;
    private final KeySafe safe;
    private final Map<String, ReentrantLock> locks = new ConcurrentHashMap<>();
    private final ReentrantLock looking = new ReentrantLock();

    /// @param safe has private keys of unpacked backups lie on disk as all others do
    /// @param scratch what others may not have a look at while backups are looked into; made and removed at will
    public Backups(BackupPlace place, BackupKeys keys, Path scratch, InstantSource clock, KeySafe safe) {
        this.place = place;
        this.keys = keys;
        this.scratch = scratch;
        this.clock = clock;
        this.safe = safe;
    }

    /// What one that died left behind in the scratch folder runs and lies there no more.
    public void sweep() {
        ScratchStore.sweep(scratch, safe);
    }

    /// Where backups are, for people.
    public String place() {
        return place.toString();
    }

    /// Where the keys are, for people.
    public Path keyFile() {
        return keys.file();
    }

    public List<Kept> list(String tenant) {
        return place.list(tenant);
    }

    /// @throws BackupException when there is none of this name
    public BackupManifest find(String tenant, String id) {
        return place.find(tenant, id);
    }

    /// Backs a tenant up as it is at one moment from now on. A death in the middle leaves no backup.
    ///
    /// @throws BackupException when that cannot be done
    public BackupManifest take(BackupSource source, boolean scheduled) {
        return one(source.tenant(), () -> {
            for (int attempt = 1; ; attempt++) {
                try {
                    return takeOnce(source, scheduled);
                } catch (ChangedMeanwhile | StorageException.Compacted e) {
                    if (attempt == ATTEMPTS) {
                        throw BackupException.failed("the tenant changes faster than it can be backed up", e);
                    }
                } catch (IOException | StorageException e) {
                    throw BackupException.failed("the backup cannot be written", e);
                }
            }
        });
    }

    /// Removes scheduled backups beyond the newest so many; others stay until somebody removes them, also those of an
    /// earlier tenant of that name.
    ///
    /// @param uid of the Tenant object
    public void retain(String tenant, String uid, int newest) {
        one(tenant, () -> {
            place.list(tenant).stream()
                    .flatMap(kept -> kept.manifest().stream())
                    .filter(each -> each.scheduled() && each.tenantUid().equals(uid))
                    .skip(newest)
                    .forEach(old -> place.delete(tenant, old.id()));
            return true;
        });
    }

    /// @throws BackupException when there is none of this name
    public void delete(String tenant, String id) {
        one(tenant, () -> {
            place.delete(tenant, id);
            return true;
        });
    }

    /// Reads all of a backup, restores its snapshot into an etcd that nobody else knows, and compares what that holds
    /// with what the tenant held. What has been found is remembered beside the backup.
    ///
    /// @throws BackupException when it is no good, or cannot be looked into
    public void verify(String tenant, String id) {
        one(tenant, () -> {
            var _ = place.find(tenant, id);
            ObjectNode found = Json.object()
                    .put("time", clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
            try {
                look(tenant, id);
                place.proved(tenant, id, found.put("state", "Intact"));
                return true;
            } catch (BackupException e) {
                String state = e.kind() == BackupException.Kind.DAMAGED ? "Damaged" : "Failed";
                place.proved(tenant, id, found.put("state", state).put("message", String.valueOf(e.getMessage())));
                throw e;
            }
        });
    }

    /// Unpacks a backup, having proved that all of it is what was sealed: `snapshot.db`, `tenant.json`, and the
    /// tenant's other folders.
    ///
    /// @param into is removed first
    /// @throws BackupException when it is no good, or cannot be read; nothing is left then
    public BackupManifest unpack(String tenant, String id, Path into) {
        return one(tenant, () -> {
            BackupManifest manifest = place.find(tenant, id);
            AtomicFiles.deleteTree(into);
            AtomicFiles.folder(into);
            try {
                unpack(manifest, into);
                seal(into);
                return manifest;
            } catch (IOException e) {
                AtomicFiles.deleteTree(into);
                throw unpackingFailed(id, e);
            } catch (RuntimeException e) {
                AtomicFiles.deleteTree(into);
                throw e;
            }
        });
    }

    /// A backup holds keys as they lay there when it was taken.
    private void seal(Path unpacked) throws IOException {
        try (Stream<Path> folders = Files.list(unpacked)) {
            folders.filter(Files::isDirectory).forEach(safe::settle);
        }
    }

    /// A full disk, one that is read-only, or a store that cannot be reached says nothing of the backup.
    private static BackupException unpackingFailed(String id, IOException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof S3Exception told) {
                return BackupException.failed("the backup " + id + " cannot be read", told);
            }
        }
        boolean isDisk = (e instanceof FileSystemException && !(e instanceof NoSuchFileException))
                || String.valueOf(e.getMessage()).contains("No space left");
        return new BackupException(
                isDisk ? BackupException.Kind.FAILED : BackupException.Kind.DAMAGED,
                "the backup " + id + (isDisk ? " cannot be unpacked: " : " is damaged: ") + e.getMessage(),
                e);
    }

    /// The Tenant object as it was backed up.
    ///
    /// @throws BackupException when the backup is no good, or cannot be read
    public ObjectNode resource(String tenant, String id) {
        return one(tenant, () -> {
            looking.lock();
            try {
                sweep();
                var _ = unpack(tenant, id, scratch);
                return (ObjectNode) Json.MAPPER.readTree(Files.readAllBytes(scratch.resolve(BackupArchive.TENANT)));
            } catch (IOException e) {
                throw BackupException.failed("the backup " + id + " cannot be read", e);
            } finally {
                sweep();
                looking.unlock();
            }
        });
    }

    private void look(String tenant, String id) {
        looking.lock();
        try {
            sweep();
            BackupManifest manifest = unpack(tenant, id, scratch);
            try (var store = ScratchStore.open(scratch.resolve(BackupArchive.SNAPSHOT), scratch, safe)) {
                Digest found = store.content().digest(manifest.store().revision());
                if (!found.equals(manifest.store())) {
                    throw BackupException.damaged("the backup " + id + " restores to " + found.keys() + " keys, "
                            + found.sha256() + ", at revision " + found.revision() + " (expected: "
                            + manifest.store().keys() + ", " + manifest.store().sha256() + ")");
                }
            } catch (ChildException | StorageException e) {
                throw BackupException.failed("the backup " + id + " cannot be tried out", e);
            }
        } finally {
            sweep();
            looking.unlock();
        }
    }

    private void unpack(BackupManifest manifest, Path into) throws IOException {
        var hash = Sha256.start();
        try (InputStream file = place.open(manifest.tenant(), manifest.id());
                var hashed = new DigestInputStream(new BufferedInputStream(file), hash);
                InputStream text = Sealing.open(hashed, keys.opening(manifest.key()))) {
            BackupArchive.unpack(text, into, manifest);
            hashed.transferTo(OutputStream.nullOutputStream());
        }
        if (!HexFormat.of().formatHex(hash.digest()).equals(manifest.sha256())) {
            throw new IOException("its checksum is not that of its manifest");
        }
    }

    /// Keys or files changed while they were copied: they would not belong together.
    private static final class ChangedMeanwhile extends RuntimeException {
        ChangedMeanwhile() {
            super("its keys changed meanwhile");
        }
    }

    private BackupManifest takeOnce(BackupSource source, boolean scheduled) throws IOException {
        BackupKeys.Key key = keys.sealing(place.isUsed());
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        String id = TIME.format(now)
                + String.format(
                        Locale.ROOT, "-%04x", RandomGenerator.getDefault().nextInt(SUFFIXES));
        Path unfinished = place.begin(source.tenant(), id);
        try {
            Map<String, byte[]> files = files(source);
            // what is there now is in any later snapshot, and no history yet
            Digest digest = source.store().digest(source.store().revision());
            var manifest = new BackupManifest(
                    id, source.tenant(), source.uid(), now, scheduled, digest, key.id(), Release.NAME, 0, "");
            BackupManifest sealed = seal(source, files, manifest, key, unfinished.resolve(BackupPlace.SEALED));
            if (!fingerprints(files).equals(fingerprints(files(source)))) {
                throw new ChangedMeanwhile();
            }
            place.commit(unfinished, sealed);
            return sealed;
        } finally {
            AtomicFiles.deleteTree(unfinished);
        }
    }

    private static BackupManifest seal(
            BackupSource source, Map<String, byte[]> files, BackupManifest manifest, BackupKeys.Key key, Path into)
            throws IOException {
        var hash = Sha256.start();
        try (FileChannel channel = AtomicFiles.create(into)) {
            var out = new DigestOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel)), hash);
            try (OutputStream sealing = Sealing.seal(out, key);
                    var archive = new BackupArchive(sealing)) {
                archive.add(BackupArchive.TENANT, Json.bytes(source.resource()));
                for (var file : files.entrySet()) {
                    archive.add(file.getKey(), file.getValue());
                }
                archive.add(BackupArchive.SNAPSHOT, source.store()::save);
                archive.finish(manifest);
            }
            out.flush();
            channel.force(true);
            return manifest.sealedAs(channel.size(), HexFormat.of().formatHex(hash.digest()));
        }
    }

    private static Map<String, byte[]> files(BackupSource source) throws IOException {
        var all = new TreeMap<String, byte[]>();
        for (String kept : source.kept()) {
            Path from = source.folder().resolve(kept);
            if (!Files.isDirectory(from)) {
                continue;
            }
            try (Stream<Path> files = Files.list(from)) {
                // a name with a dot before it is that of a file on its way to its own
                for (Path file : files.filter(Files::isRegularFile)
                        .filter(path -> !path.getFileName().toString().startsWith("."))
                        .toList()) {
                    all.put(kept + "/" + file.getFileName(), Files.readAllBytes(file));
                }
            }
        }
        return all;
    }

    private static Map<String, String> fingerprints(Map<String, byte[]> files) {
        var all = new TreeMap<String, String>();
        files.forEach((name, bytes) -> all.put(name, Sha256.hex(bytes)));
        return all;
    }

    /// A disk that is full, or whose folders belong to somebody else, is a failure like others.
    private <T> T one(String tenant, Supplier<T> work) {
        ReentrantLock lock = locks.computeIfAbsent(tenant, _ -> new ReentrantLock());
        lock.lock();
        try {
            return work.get();
        } catch (UncheckedIOException | HomeException e) {
            throw BackupException.failed("backups of tenant \"" + tenant + "\"", e);
        } finally {
            lock.unlock();
        }
    }
}
