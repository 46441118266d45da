package io.insula.controlplane.tenant;

import io.insula.controlplane.backup.BackupManifest;
import java.util.Optional;

/// The backup that a tenant is to have, as [Tenancy#RESTORE] names it: `BACKUP`, or `SOURCE/BACKUP` where it is another
/// tenant's. Neither part gets near a path before its form is known to be good. Immutable.
///
/// @param tenant whose wish it is
/// @param source whose backup it is
record RestoreWish(String tenant, String source, String backup) {

    /// Empty for what names no backup.
    static Optional<RestoreWish> of(String tenant, String text) {
        int slash = text.indexOf('/');
        String source = slash < 0 ? tenant : text.substring(0, slash);
        String backup = text.substring(slash + 1);
        boolean isGood = BackupManifest.isId(backup)
                && Tenancy.checkName(source).isEmpty()
                && (slash < 0 || !source.equals(tenant));
        return isGood ? Optional.of(new RestoreWish(tenant, source, backup)) : Optional.empty();
    }

    boolean isCopy() {
        return !source.equals(tenant);
    }

    /// What has been done once it is fulfilled, for people.
    String told() {
        return isCopy()
                ? "it was made of the backup " + backup + " of tenant " + source
                : "it was set back to " + backup;
    }

    /// As the annotation has it.
    @Override
    public String toString() {
        return isCopy() ? source + "/" + backup : backup;
    }
}
