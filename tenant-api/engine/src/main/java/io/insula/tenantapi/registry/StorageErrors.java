package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.storage.StorageException;

/// Turns the store's failures into answers. Conflicts and taken keys are handled where the object is known.
final class StorageErrors {

    private StorageErrors() {}

    static ApiException toApi(StorageException error) {
        return switch (error) {
            case StorageException.Compacted _ ->
                ApiException.expired("The resourceVersion for the provided list is too old.");
            case StorageException.FutureRevision future -> tooLarge(future);
            case StorageException.TooLarge _ ->
                ApiException.of(413, "RequestEntityTooLarge", "etcdserver: request is too large");
            case StorageException.NoSpace _ ->
                ApiException.of(
                        500,
                        "InternalError",
                        "etcdserver: mvcc: database space exceeded: nothing was written; delete what is not needed (pods"
                                + " with --force --grace-period=0): the cluster takes writes again when there is space");
            case StorageException.Unavailable _ ->
                ApiException.internal("the store did not answer in time; whether a write happened is unknown", error);
            case StorageException.Conflict _, StorageException.KeyExists _ ->
                ApiException.internal(String.valueOf(error.getMessage()), error);
        };
    }

    /// The answer to a revision from the future. Source: kubernetes/apiserver, `NewTooLargeResourceVersionError`.
    private static ApiException tooLarge(StorageException.FutureRevision error) {
        ObjectNode status = ApiException.base(
                504,
                "Timeout",
                "Timeout: Too large resource version: " + error.asked() + ", current: " + error.current());
        ObjectNode details = status.putObject("details");
        details.put("retryAfterSeconds", 1);
        details.putArray("causes")
                .addObject()
                .put("reason", "ResourceVersionTooLarge")
                .put("message", "Too large resource version");
        return ApiException.ofStatus(status);
    }
}
