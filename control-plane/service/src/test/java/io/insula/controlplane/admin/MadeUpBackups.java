package io.insula.controlplane.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.backup.BackupException;
import io.insula.controlplane.backup.BackupManifest;
import io.insula.controlplane.backup.BackupPlace.Kept;
import io.insula.controlplane.tenant.TenantBackups;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.storage.etcd.EtcdSnapshots.Digest;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// Backups of tenants of which only the manifests exist.
final class MadeUpBackups implements TenantBackups {

    private final Map<String, List<BackupManifest>> taken = new ConcurrentHashMap<>();
    private final Set<String> damaged = ConcurrentHashMap.newKeySet();
    private volatile String uid = "uid";
    private int count;

    /// Of the Tenant objects that are backed up from now on.
    void ofTenant(String uid) {
        this.uid = uid;
    }

    void damage(String id) {
        damaged.add(id);
    }

    @Override
    public synchronized BackupManifest take(String tenant) {
        List<BackupManifest> all = taken.computeIfAbsent(tenant, _ -> new CopyOnWriteArrayList<>());
        var one = new BackupManifest(
                "20260131T12%04dZ-1a2b".formatted(count++),
                tenant,
                uid,
                Instant.EPOCH,
                false,
                new Digest(7, 3, "aa"),
                "key",
                "test",
                11,
                "bb");
        all.addFirst(one);
        return one;
    }

    @Override
    public List<Kept> list(String tenant) {
        return taken.getOrDefault(tenant, List.of()).stream()
                .map(each -> new Kept(each.id(), Optional.of(each), Optional.empty()))
                .toList();
    }

    @Override
    public BackupManifest find(String tenant, String id) {
        return taken.getOrDefault(tenant, List.of()).stream()
                .filter(each -> each.id().equals(id))
                .findFirst()
                .orElseThrow(() -> BackupException.notFound(tenant, id));
    }

    @Override
    public ObjectNode resource(String tenant, String id) {
        ObjectNode was = Json.object();
        was.putObject("metadata").putObject("labels").put("team", "a");
        was.putObject("spec").put("isolationProfile", "gvisor");
        return was;
    }

    @Override
    public void verify(String tenant, String id) {
        var _ = find(tenant, id);
        if (damaged.contains(id)) {
            throw BackupException.damaged("the backup " + id + " is damaged");
        }
    }

    @Override
    public void delete(String tenant, String id) {
        if (!taken.getOrDefault(tenant, List.of()).removeIf(each -> each.id().equals(id))) {
            throw BackupException.notFound(tenant, id);
        }
    }

    @Override
    public String place() {
        return "/backups";
    }

    @Override
    public Path keyFile() {
        return Path.of("/backup.key");
    }
}
