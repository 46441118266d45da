package io.insula.controlplane.backup;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.backup.S3Bucket.Item;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Backups in an S3-compatible store, as objects `TENANT/ID/backup.cms`, `manifest.json` and `verified.json`. They are
/// written on this machine first and uploaded when they are whole. Thread-safe.
public final class S3Backups implements BackupPlace {

    private static final Duration PAUSE = Duration.ofMillis(300);

    private final S3Location location;
    private final S3Bucket bucket;
    private final Path local;
    /// Small objects that never change under their ETag, by key and ETag.
    private final Map<String, byte[]> known = new ConcurrentHashMap<>();

    /// @param credentials a file as other tools have it; null for the environment's
    /// @param local where backups are written before they are uploaded; made and removed at will
    public S3Backups(S3Location location, @Nullable Path credentials, Path local, InstantSource clock) {
        this(location, S3Credentials.from(credentials, System::getenv), local, clock, PAUSE);
    }

    S3Backups(S3Location location, S3Credentials.Source credentials, Path local, InstantSource clock, Duration pause) {
        this.location = location;
        this.local = local;
        this.bucket = new S3Bucket(location, credentials, clock, pause);
    }

    /// Does something with the bucket.
    private interface Work<T> {
        T run() throws IOException;
    }

    private <T> T work(String what, Work<T> work) {
        try {
            return work.run();
        } catch (IOException e) {
            throw BackupException.failed(what, e);
        }
    }

    @Override
    public List<Kept> list(String tenant) {
        return work("backups of tenant \"" + tenant + "\" cannot be listed", () -> {
            var all = new ArrayList<Kept>();
            for (var each : byId(tenant).entrySet()) {
                Item manifest = each.getValue().get(MANIFEST);
                if (manifest != null && BackupManifest.isId(each.getKey())) {
                    all.add(new Kept(
                            each.getKey(),
                            readable(tenant, each.getKey(), manifest),
                            proof(each.getValue().get(PROOF))));
                }
            }
            all.sort(Comparator.comparing(Kept::id).reversed());
            return all;
        });
    }

    private Optional<BackupManifest> readable(String tenant, String id, Item manifest) throws S3Exception {
        try {
            return Optional.of(BackupManifest.of(tenant, id, small(manifest)));
        } catch (S3Exception e) {
            throw e;
        } catch (BackupException | IOException e) {
            return Optional.empty();
        }
    }

    private Optional<ObjectNode> proof(@Nullable Item proof) throws S3Exception {
        try {
            return Optional.ofNullable(proof == null ? null : Json.MAPPER.readTree(small(proof)))
                    .filter(ObjectNode.class::isInstance)
                    .map(ObjectNode.class::cast);
        } catch (S3Exception e) {
            throw e;
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private byte[] small(Item item) throws S3Exception {
        String name = item.key() + " " + item.etag();
        byte[] content = known.get(name);
        if (content == null) {
            content = bucket.get(item.key()).orElse(new byte[0]);
            known.keySet().removeIf(other -> other.startsWith(item.key() + " "));
            known.put(name, content);
        }
        return content;
    }

    /// The objects of a tenant, by backup and name.
    private Map<String, Map<String, Item>> byId(String tenant) throws S3Exception {
        var all = new TreeMap<String, Map<String, Item>>();
        for (Item item : bucket.list(tenant + "/")) {
            String[] names = item.key().split("/", -1);
            if (names.length == 3) {
                all.computeIfAbsent(names[1], _ -> new TreeMap<>()).put(names[2], item);
            }
        }
        return all;
    }

    @Override
    public boolean isUsed() {
        return work(
                "backups cannot be listed",
                () -> bucket.list("").stream().anyMatch(item -> item.key().endsWith("/" + MANIFEST)));
    }

    @Override
    public BackupManifest find(String tenant, String id) {
        if (!BackupManifest.isId(id)) {
            throw BackupException.notFound(tenant, id);
        }
        byte[] manifest = work("the backup " + id + " cannot be found", () -> bucket.get(key(tenant, id, MANIFEST)))
                .orElseThrow(() -> BackupException.notFound(tenant, id));
        try {
            return BackupManifest.of(tenant, id, manifest);
        } catch (IOException e) {
            throw BackupException.damaged("the manifest of backup " + id + " cannot be read: " + e.getMessage());
        }
    }

    /// An object that is gone though its manifest is there is damage.
    @Override
    public InputStream open(String tenant, String id) throws IOException {
        try {
            return bucket.open(key(tenant, id, SEALED));
        } catch (S3Exception e) {
            if (e.isNoSuchKey()) {
                throw new IOException(e.getMessage());
            }
            throw e;
        }
    }

    @Override
    public Path begin(String tenant, String id) {
        AtomicFiles.deleteTree(local.resolve(tenant));
        work("what is left of earlier backups cannot be removed", () -> {
            sweep(tenant);
            return true;
        });
        return AtomicFiles.folder(local.resolve(tenant).resolve(id));
    }

    /// Removes what deaths have left. Nobody else writes a backup of this tenant now.
    private void sweep(String tenant) throws S3Exception {
        for (var upload : bucket.uploads(tenant + "/").entrySet()) {
            bucket.abort(upload.getKey(), upload.getValue());
        }
        for (Map<String, Item> objects : byId(tenant).values()) {
            if (!objects.containsKey(MANIFEST)) {
                for (Item left : objects.values()) {
                    bucket.delete(left.key());
                }
            }
        }
    }

    @Override
    public void commit(Path unfinished, BackupManifest manifest) {
        work("the backup " + manifest.id() + " cannot be uploaded", () -> {
            bucket.put(key(manifest.tenant(), manifest.id(), SEALED), unfinished.resolve(SEALED));
            put(key(manifest.tenant(), manifest.id(), MANIFEST), manifest.tree());
            return true;
        });
    }

    @Override
    public void proved(String tenant, String id, ObjectNode found) {
        work("what was found in backup " + id + " cannot be kept", () -> {
            put(key(tenant, id, PROOF), found);
            return true;
        });
    }

    private void put(String key, ObjectNode tree) throws S3Exception {
        bucket.put(key, (tree.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void delete(String tenant, String id) {
        work("the backup " + id + " cannot be removed", () -> {
            Map<String, Item> objects = BackupManifest.isId(id) ? byId(tenant).getOrDefault(id, Map.of()) : Map.of();
            if (!objects.containsKey(MANIFEST)) {
                throw BackupException.notFound(tenant, id);
            }
            bucket.delete(key(tenant, id, MANIFEST));
            for (Item object : objects.values()) {
                bucket.delete(object.key());
            }
            return true;
        });
    }

    private static String key(String tenant, String id, String name) {
        return tenant + "/" + id + "/" + name;
    }

    @Override
    public String toString() {
        return location.toString();
    }
}
