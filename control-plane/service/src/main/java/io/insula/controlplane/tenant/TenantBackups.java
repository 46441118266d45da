package io.insula.controlplane.tenant;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.backup.BackupManifest;
import io.insula.controlplane.backup.BackupPlace.Kept;
import java.nio.file.Path;
import java.util.List;

/// Backups of tenants, as superusers deal with them. A port. Calls take as long as the work does; each throws a
/// [io.insula.controlplane.backup.BackupException] that says why something cannot be done. Thread-safe.
public interface TenantBackups {

    /// Backs a tenant up now. One that sleeps is woken for it.
    ///
    /// @throws IllegalStateException when it does not run, and does not come up in time
    BackupManifest take(String tenant);

    /// The tenant's, the newest first; also of one that is gone.
    List<Kept> list(String tenant);

    BackupManifest find(String tenant, String id);

    /// The Tenant object as it was backed up.
    ObjectNode resource(String tenant, String id);

    /// Proves that a backup is good: it is restored into an etcd of its own, and compared.
    void verify(String tenant, String id);

    void delete(String tenant, String id);

    /// Where they are, for people.
    String place();

    /// Where the keys that they are sealed with are, for people.
    Path keyFile();
}
