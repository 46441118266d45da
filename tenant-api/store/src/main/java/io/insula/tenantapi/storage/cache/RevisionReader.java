package io.insula.tenantapi.storage.cache;

import io.insula.tenantapi.storage.StorageException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Reads the store's latest revision for many callers at once: who comes while a read is on its way shares the one
/// after it, which begins later than they came, so that each answer is linearizable. Thread-safe: guarded by `this`.
final class RevisionReader {

    private static final long PATIENCE_SECONDS = 30;

    private final LongSupplier revision;
    private final Executor executor;
    private @Nullable CompletableFuture<Long> running;
    private @Nullable CompletableFuture<Long> next;

    RevisionReader(LongSupplier revision, Executor executor) {
        this.revision = revision;
        this.executor = executor;
    }

    /// The revision that the store had at some moment during this call.
    ///
    /// @throws StorageException.Unavailable when the store does not answer
    long read() {
        CompletableFuture<Long> mine;
        boolean first;
        synchronized (this) {
            first = running == null;
            if (first) {
                mine = new CompletableFuture<>();
                running = mine;
            } else {
                mine = next == null ? new CompletableFuture<>() : next;
                next = mine;
            }
        }
        if (first) {
            run(mine);
        }
        return await(mine);
    }

    private void run(CompletableFuture<Long> batch) {
        try {
            batch.complete(revision.getAsLong());
        } catch (RuntimeException e) {
            batch.completeExceptionally(e);
        } finally {
            CompletableFuture<Long> following;
            synchronized (this) {
                following = next;
                running = following;
                next = null;
            }
            if (following != null) {
                executor.execute(() -> run(following));
            }
        }
    }

    private static long await(CompletableFuture<Long> batch) {
        try {
            return batch.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | CompletionException e) {
            // another caller's failure too: a new exception would say less
            throw e.getCause() instanceof StorageException known
                    ? known
                    : new StorageException.Unavailable("revision", e.getCause());
        } catch (TimeoutException e) {
            throw new StorageException.Unavailable("revision", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StorageException.Unavailable("revision: interrupted", e);
        }
    }
}
