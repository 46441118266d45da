package io.insula.controlplane.tenant;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.controlplane.backup.BackupException;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;

/// Puts what a backup holds in the place of a tenant's store. Everything is prepared beside the store while that
/// runs; what may go wrong goes wrong there. Then folders change their names, and after a death between any two of
/// these it goes on where it was, or back where nobody wants it any more. What was there before is kept as
/// `etcd/before-BACKUP` until the next time.
///
/// The tenant's keys stay as they are; a tenant that has none gets those of the backup, unless that is another
/// tenant's: a copy has keys of its own, and a mark until it has lost what only the other one can have ([CopyStep]).
///
/// @param unpacking proves a backup and unpacks it
/// @param tenant the tenant's folder
/// @param isCopy whether the backup is another tenant's
record Restoration(Unpacking unpacking, Stores stores, Path tenant, boolean isCopy) {

    private static final String READY = "ready";
    private static final String BEFORE = "before-";

    /// Unpacks a backup that is proved to be good into a folder.
    @FunctionalInterface
    interface Unpacking {
        /// @throws BackupException when it is no good
        void unpack(String backup, Path into);
    }

    /// Has everything beside the store that will take its place. Does nothing where that has been done.
    ///
    /// @throws BackupException when the backup is no good
    /// @throws io.insula.process.ChildException when its snapshot cannot be restored
    void prepare(String backup) {
        if (isUnderWay(backup)) {
            return;
        }
        clean();
        unpacking.unpack(backup, folder());
        if (isCopy) {
            ClusterKeys.FOLDERS.forEach(keys -> AtomicFiles.deleteTree(folder().resolve(keys)));
        }
        Path snapshot = folder().resolve("snapshot.db");
        AtomicFiles.folder(etcd());
        stores.restore(snapshot, prepared());
        AtomicFiles.delete(snapshot);
        AtomicFiles.write(folder().resolve(READY), backup);
    }

    /// Puts it in the store's place, on which nothing runs.
    void carryOut(String backup) {
        ClusterKeys.FOLDERS.forEach(this::takeIfThereIsNone);
        if (!Files.exists(prepared())) {
            return;
        }
        if (Files.exists(data())) {
            forgetBefore();
            move(data(), before(backup));
        }
        if (isCopy) {
            AtomicFiles.write(copyMark(tenant), backup);
        }
        move(prepared(), data());
        AtomicFiles.syncFolder(etcd());
    }

    /// Leaves nothing of it but what was there before: in its place where that is empty.
    void clean() {
        Path before = before(underWay());
        if (!Files.exists(data()) && Files.exists(before)) {
            move(before, data());
            AtomicFiles.syncFolder(etcd());
        }
        AtomicFiles.deleteTree(prepared());
        AtomicFiles.deleteTree(folder());
    }

    /// Says that the store in a tenant's folder is another tenant's still.
    static Path copyMark(Path tenant) {
        return tenant.resolve("etcd").resolve("copied");
    }

    /// Whether all of a backup is prepared, or in its place already.
    boolean isUnderWay(String backup) {
        return underWay().equals(backup);
    }

    /// The Tenant object as it was backed up, of what is prepared.
    JsonNode resource() {
        try {
            return Json.MAPPER.readTree(Files.readAllBytes(folder().resolve("tenant.json")));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + folder(), e);
        }
    }

    /// Whether the tenant has a store without it.
    boolean hasStore() {
        return Files.exists(data());
    }

    /// The backup that all is prepared of; empty while there is none.
    private String underWay() {
        try {
            return Files.readString(folder().resolve(READY), StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + folder(), e);
        }
    }

    private Path folder() {
        return tenant.resolve("restore");
    }

    private Path etcd() {
        return tenant.resolve("etcd");
    }

    private Path data() {
        return etcd().resolve("data");
    }

    /// Beside the data, which may lie on a disk of its own.
    private Path prepared() {
        return etcd().resolve("restored");
    }

    private Path before(String backup) {
        return etcd().resolve(BEFORE + backup);
    }

    private void takeIfThereIsNone(String keys) {
        Path from = folder().resolve(keys);
        if (Files.exists(from) && !Files.exists(tenant.resolve(keys))) {
            move(from, tenant.resolve(keys));
            AtomicFiles.syncFolder(tenant);
        }
    }

    private void forgetBefore() {
        try (Stream<Path> all = Files.list(etcd())) {
            all.filter(each -> each.getFileName().toString().startsWith(BEFORE)).forEach(AtomicFiles::deleteTree);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + etcd(), e);
        }
    }

    private static void move(Path from, Path to) {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot move " + from + " to " + to, e);
        }
    }
}
