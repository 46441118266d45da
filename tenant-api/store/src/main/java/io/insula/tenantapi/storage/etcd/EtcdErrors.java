package io.insula.tenantapi.storage.etcd;

import io.grpc.Status;
import io.insula.tenantapi.storage.StorageException;

/// From gRPC's statuses to ours. Source: etcd, `api/v3rpc/rpctypes/error.go`.
final class EtcdErrors {

    private EtcdErrors() {}

    static boolean isCompacted(Throwable error) {
        return says(error, "required revision has been compacted");
    }

    static boolean isFuture(Throwable error) {
        return says(error, "required revision is a future revision");
    }

    static boolean isLeaseGone(Throwable error) {
        return says(error, "requested lease not found");
    }

    /// Whether etcd may answer when asked again: the connection broke or members are electing.
    static boolean isTransient(Throwable error) {
        return Status.fromThrowable(error).getCode() == Status.Code.UNAVAILABLE;
    }

    static StorageException unavailable(String what, Throwable error) {
        Status status = Status.fromThrowable(error);
        return new StorageException.Unavailable(what + ": " + status.getCode() + " " + status.getDescription(), error);
    }

    static boolean isSpaceExceeded(Throwable error) {
        return says(error, "database space exceeded");
    }

    /// What a failed write of `sizeBytes` under `key` means.
    static StorageException write(String key, int sizeBytes, Throwable error) {
        if (isSpaceExceeded(error)) {
            return new StorageException.NoSpace("write " + key, error);
        }
        boolean tooLarge = says(error, "request is too large") || says(error, "message larger than max");
        return tooLarge ? new StorageException.TooLarge(key, sizeBytes) : unavailable("write " + key, error);
    }

    private static boolean says(Throwable error, String text) {
        String description = Status.fromThrowable(error).getDescription();
        return description != null && description.contains(text);
    }
}
