package io.insula.controlplane.tenant;

import io.insula.process.ChildException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/// Why a tenant that was started is not in order now.
///
/// @param reason one CamelCase word, a condition's
/// @param message for people, with the way out where there is one
public record Trouble(String reason, String message) {

    /// How the system speaks of a disk that takes no more: `ENOSPC`, `EDQUOT`.
    private static final Pattern DISK_FULL =
            Pattern.compile("no space left on device|disk quota exceeded", Pattern.CASE_INSENSITIVE);

    /// How etcd and its libraries speak of damaged files: bbolt's pages and checksums, the log's records, a mapped
    /// file that became shorter.
    private static final Pattern CORRUPT = Pattern.compile(
            "corrupt|invalid database|file size too small|checksum|crc mismatch|unexpected fault address|SIGBUS"
                    + "|page \\d+ already freed|invalid page type|wal: |snap: |failed to (recover|find database)"
                    + "|version mismatch",
            Pattern.CASE_INSENSITIVE);

    /// What a failure of etcd means to whoever has to mend it.
    ///
    /// @param etcdFolder where that etcd keeps what it has
    static Trouble ofEtcd(Path etcdFolder, ChildException failure) {
        String told = String.valueOf(failure.getMessage());
        // before damage: what cannot be written is told by the same parts
        if (DISK_FULL.matcher(told).find()) {
            return new Trouble(
                    "EtcdDiskFull",
                    "the disk of " + etcdFolder + " is full. The way out: free space there; etcd goes on by"
                            + " itself, with all that was acknowledged. etcd says: " + told);
        }
        if (!CORRUPT.matcher(told).find()) {
            return new Trouble("EtcdNotAnswering", told);
        }
        return new Trouble(
                "EtcdCorrupt",
                "the store " + etcdFolder.resolve("data") + " is damaged. The way out: `insula down`, put"
                        + " a copy of that folder from a backup in its place, `insula up`. etcd says: " + told);
    }
}
