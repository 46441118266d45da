package io.insula.controlplane.backup;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
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
public record BackupFolder(Path root) {

    static final String SEALED = "backup.cms";
    private static final String MANIFEST = "manifest.json";
    private static final String PROOF = "verified.json";
    private static final String UNFINISHED = ".part";
    private static final String GOING = ".gone";

    /// One that is there.
    ///
    /// @param manifest empty where it cannot be read
    /// @param proof what the last look into it has found, if there was one
    public record Kept(String id, Optional<BackupManifest> manifest, Optional<ObjectNode> proof) {}

    /// A tenant's, the newest first.
    public List<Kept> list(String tenant) {
        return names(root.resolve(tenant)).stream()
                .filter(BackupManifest::isId)
                .sorted(Comparator.reverseOrder())
                .map(id -> new Kept(id, readable(tenant, id), proof(tenant, id)))
                .toList();
    }

    /// Whether there is any backup of anybody.
    boolean isUsed() {
        return names(root).stream()
                .anyMatch(tenant -> names(root.resolve(tenant)).stream().anyMatch(BackupManifest::isId));
    }

    /// @throws BackupException when there is no such backup, or its manifest is damaged
    BackupManifest find(String tenant, String id) {
        if (!BackupManifest.isId(id) || !Files.isDirectory(of(tenant, id))) {
            throw BackupException.notFound(tenant, id);
        }
        try {
            var manifest = BackupManifest.of(
                    Json.MAPPER.readTree(Files.readAllBytes(of(tenant, id).resolve(MANIFEST))));
            if (!manifest.id().equals(id) || !manifest.tenant().equals(tenant)) {
                throw BackupException.damaged("the backup " + id + " says that it is " + manifest.id() + " of tenant "
                        + manifest.tenant() + ": somebody has moved it");
            }
            return manifest;
        } catch (IOException e) {
            throw BackupException.damaged("the manifest of backup " + id + " cannot be read: " + e.getMessage());
        }
    }

    Path sealed(String tenant, String id) {
        return of(tenant, id).resolve(SEALED);
    }

    /// A place for one that is being written.
    Path begin(String tenant, String id) {
        sweep(tenant);
        return AtomicFiles.folder(root.resolve(tenant).resolve("." + id + UNFINISHED));
    }

    /// From here on there is a backup.
    ///
    /// @param unfinished from [#begin], with the sealed file in it, which is on disk
    void commit(Path unfinished, BackupManifest manifest) {
        AtomicFiles.write(unfinished.resolve(MANIFEST), manifest.tree().toPrettyString() + "\n");
        AtomicFiles.syncFolder(unfinished);
        try {
            Files.move(unfinished, of(manifest.tenant(), manifest.id()), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw BackupException.failed("cannot complete the backup " + manifest.id(), e);
        }
        AtomicFiles.syncFolder(root.resolve(manifest.tenant()));
    }

    /// Remembers what a look into a backup has found.
    void proved(String tenant, String id, ObjectNode found) {
        AtomicFiles.write(of(tenant, id).resolve(PROOF), found.toPrettyString() + "\n");
    }

    /// It is gone at once, though its files may take a while.
    void delete(String tenant, String id) {
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
