package io.insula.controlplane.backup;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.storage.etcd.EtcdSnapshots.Digest;
import java.io.IOException;
import java.time.Instant;
import java.util.regex.Pattern;

/// What is told of a backup without opening it. It holds no secret; the same stands, sealed, in the backup itself,
/// and that counts.
///
/// @param id `20260131T120000Z-1a2b`: the newest is the greatest
/// @param tenantUid of the Tenant object that was backed up: two tenants of one name have different ones
/// @param scheduled whether nobody asked for it: such are removed by the tenant's retention
/// @param store what the snapshot holds at least, at a revision that it knows
/// @param key by which it is sealed
/// @param bytes of the sealed file
/// @param sha256 of the sealed file, in hexadecimal digits
public record BackupManifest(
        String id,
        String tenant,
        String tenantUid,
        Instant taken,
        boolean scheduled,
        Digest store,
        String key,
        String release,
        long bytes,
        String sha256) {

    private static final int FORMAT = 1;
    private static final Pattern ID = Pattern.compile("[0-9]{8}T[0-9]{6}Z-[0-9a-f]{4}");

    /// Whether a text has the form of a backup's name: no other ever gets near a path.
    public static boolean isId(String text) {
        return ID.matcher(text).matches();
    }

    /// As it is kept and told.
    public ObjectNode tree() {
        ObjectNode tree = Json.object()
                .put("format", FORMAT)
                .put("id", id)
                .put("tenant", tenant)
                .put("tenantUid", tenantUid)
                .put("taken", taken.toString())
                .put("scheduled", scheduled)
                .put("key", key)
                .put("release", release);
        tree.putObject("store")
                .put("revision", store.revision())
                .put("keys", store.keys())
                .put("sha256", store.sha256());
        return tree.put("bytes", bytes).put("sha256", sha256);
    }

    /// As it is kept for a backup of this name.
    ///
    /// @throws IOException when it is none at all
    /// @throws BackupException when it is another one's, or of a later release
    static BackupManifest of(String tenant, String id, byte[] json) throws IOException {
        BackupManifest manifest = of(Json.MAPPER.readTree(json));
        if (!manifest.id().equals(id) || !manifest.tenant().equals(tenant)) {
            throw BackupException.damaged("the backup " + id + " says that it is " + manifest.id() + " of tenant "
                    + manifest.tenant() + ": somebody has moved it");
        }
        return manifest;
    }

    /// @throws BackupException when it is none, or of a later release
    static BackupManifest of(JsonNode tree) {
        if (tree.path("format").asInt() != FORMAT || !isId(tree.path("id").asText())) {
            throw BackupException.damaged("its manifest has format " + tree.path("format") + " (expected: " + FORMAT
                    + "): it is damaged, or of a later release of Insula");
        }
        JsonNode store = tree.path("store");
        try {
            return new BackupManifest(
                    tree.path("id").asText(),
                    tree.path("tenant").asText(),
                    tree.path("tenantUid").asText(),
                    Instant.parse(tree.path("taken").asText()),
                    tree.path("scheduled").asBoolean(),
                    new Digest(
                            store.path("revision").asLong(),
                            store.path("keys").asLong(),
                            store.path("sha256").asText()),
                    tree.path("key").asText(),
                    tree.path("release").asText(),
                    tree.path("bytes").asLong(),
                    tree.path("sha256").asText());
        } catch (java.time.DateTimeException e) {
            throw BackupException.failed("its manifest is damaged", e);
        }
    }

    /// The same, of a sealed file.
    BackupManifest sealedAs(long size, String hash) {
        return new BackupManifest(id, tenant, tenantUid, taken, scheduled, store, key, release, size, hash);
    }

    /// Without what only the finished file can say.
    BackupManifest unsealed() {
        return sealedAs(0, "");
    }
}
