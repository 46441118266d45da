package io.insula.controlplane.backup;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Where the backups of one installation are kept: for each a sealed file, its manifest, and what the last look into it
/// has found. A port. A backup is there with its manifest, which comes last and goes first: what a death leaves looks
/// like no backup to anybody, and goes with the next backup of the tenant. A tenant's backups outlive it; what is done
/// with them is done one after the other. What cannot be done is a [BackupException]. Thread-safe.
public interface BackupPlace {

    /// The names of what belongs to a backup.
    String SEALED = "backup.cms";

    String MANIFEST = "manifest.json";
    String PROOF = "verified.json";

    /// One that is there.
    ///
    /// @param manifest empty where it cannot be read
    /// @param proof what the last look into it has found, if there was one
    record Kept(String id, Optional<BackupManifest> manifest, Optional<ObjectNode> proof) {}

    /// A tenant's, the newest first.
    List<Kept> list(String tenant);

    /// Whether there is any backup of anybody.
    boolean isUsed();

    /// @throws BackupException when there is no such backup, or its manifest is damaged
    BackupManifest find(String tenant, String id);

    /// The sealed file of a backup that is there; the caller closes it.
    ///
    /// @throws S3Exception when it is the place that fails, here and while it is read: every other IOException says
    ///     something of the backup
    InputStream open(String tenant, String id) throws IOException;

    /// A folder on this machine for one that is being written; the caller removes it when it is over.
    Path begin(String tenant, String id);

    /// From here on there is a backup.
    ///
    /// @param unfinished from [#begin], with the sealed file in it, which is on disk
    void commit(Path unfinished, BackupManifest manifest);

    /// Remembers what a look into a backup has found.
    void proved(String tenant, String id, ObjectNode found);

    /// It is gone at once, though its files may take a while.
    ///
    /// @throws BackupException when there is no such backup
    void delete(String tenant, String id);

    /// Where it is, for people; without credentials.
    @Override
    String toString();
}
