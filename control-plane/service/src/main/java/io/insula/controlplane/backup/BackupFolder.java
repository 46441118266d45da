package io.insula.controlplane.backup;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Where backups are kept: `TENANT/ID/` with the sealed `backup.cms` and its `manifest.json`. A folder has its
/// name only once all in it is on disk; what a death leaves behind has another one, looks like no backup to anybody,
/// and goes with the next backup of the tenant. Of one installation; a tenant's backups outlive it. Immutable.
public record BackupFolder(Path root) implements BackupPlace {

    private static final String UNFINISHED = ".part";
    private static final String GOING = ".gone";

    @Override
    public List<Kept> list(String tenant) {
        return names(root.resolve(tenant)).stream()
                .filter(BackupManifest::isId)
                .sorted(Comparator.reverseOrder())
                .map(id -> new Kept(id, readable(tenant, id), proof(tenant, id)))
                .toList();
    }

    @Override
    public boolean isUsed() {
        return names(root).stream()
                .anyMatch(tenant -> names(root.resolve(tenant)).stream().anyMatch(BackupManifest::isId));
    }

    @Override
    public BackupManifest find(String tenant, String id) {
        if (!BackupManifest.isId(id) || !Files.isDirectory(of(tenant, id))) {
            throw BackupException.notFound(tenant, id);
        }
        try {
            return BackupManifest.of(
                    tenant, id, Files.readAllBytes(of(tenant, id).resolve(MANIFEST)));
        } catch (IOException e) {
            throw BackupException.damaged("the manifest of backup " + id + " cannot be read: " + e.getMessage());
        }
    }

    @Override
    public InputStream open(String tenant, String id) throws IOException {
        return Files.newInputStream(of(tenant, id).resolve(SEALED));
    }

    @Override
    public Path begin(String tenant, String id) {
        sweep(tenant);
        return AtomicFiles.folder(root.resolve(tenant).resolve("." + id + UNFINISHED));
    }

    @Override
    public void commit(Path unfinished, BackupManifest manifest) {
        AtomicFiles.write(unfinished.resolve(MANIFEST), manifest.tree().toPrettyString() + "\n");
        AtomicFiles.syncFolder(unfinished);
        try {
            Files.move(unfinished, of(manifest.tenant(), manifest.id()), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw BackupException.failed("cannot complete the backup " + manifest.id(), e);
        }
        AtomicFiles.syncFolder(root.resolve(manifest.tenant()));
    }

    @Override
    public void proved(String tenant, String id, ObjectNode found) {
        AtomicFiles.write(of(tenant, id).resolve(PROOF), found.toPrettyString() + "\n");
    }

    @Override
    public void delete(String tenant, String id) {
        if (!BackupManifest.isId(id) || !Files.isDirectory(of(tenant, id))) {
            throw BackupException.notFound(tenant, id);
        }
        Path going = root.resolve(tenant).resolve("." + id + GOING);
        try {
            Files.move(of(tenant, id), going, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw BackupException.failed("cannot remove the backup " + id, e);
        }
        AtomicFiles.syncFolder(root.resolve(tenant));
        AtomicFiles.deleteTree(going);
        deleteIfEmpty(root.resolve(tenant));
    }

    /// Removes what deaths have left. Nobody else writes a backup of this tenant now.
    private void sweep(String tenant) {
        names(root.resolve(tenant)).stream()
                .filter(name -> name.startsWith(".") && (name.endsWith(UNFINISHED) || name.endsWith(GOING)))
                .forEach(left -> AtomicFiles.deleteTree(root.resolve(tenant).resolve(left)));
    }

    @Override
    public String toString() {
        return root.toString();
    }

    private Path of(String tenant, String id) {
        return root.resolve(tenant).resolve(id);
    }

    private Optional<BackupManifest> readable(String tenant, String id) {
        try {
            return Optional.of(find(tenant, id));
        } catch (BackupException e) {
            return Optional.empty();
        }
    }

    private Optional<ObjectNode> proof(String tenant, String id) {
        try {
            return Optional.of(Json.MAPPER.readTree(
                            Files.readAllBytes(of(tenant, id).resolve(PROOF))))
                    .filter(ObjectNode.class::isInstance)
                    .map(ObjectNode.class::cast);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static void deleteIfEmpty(Path folder) {
        if (names(folder).isEmpty()) {
            try {
                Files.deleteIfExists(folder);
            } catch (IOException e) {
                throw BackupException.failed("cannot remove " + folder, e);
            }
        }
    }

    private static List<String> names(Path folder) {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(path -> path.getFileName().toString()).toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw BackupException.failed("cannot read " + folder, e);
        }
    }
}
