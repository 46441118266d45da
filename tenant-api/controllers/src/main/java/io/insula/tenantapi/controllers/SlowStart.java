package io.insula.tenantapi.controllers;

import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Runs many like tasks in batches of 1, 2, 4 …, each batch in parallel, and stops after the first batch with
/// a failure: what cannot work (a quota, a refusing webhook) is tried once, not hundreds of times.
/// Source: kubernetes, `pkg/controller/replicaset`, slowStartBatch.
public final class SlowStart {

    private SlowStart() {}

    /// @param failure the first one; null when all succeeded
    public record Result(int succeeded, @Nullable RuntimeException failure) {}

    public static Result run(int count, Runnable task) {
        int succeeded = 0;
        for (int batch = Math.min(count, 1); batch > 0; batch = Math.min(2 * batch, count - succeeded)) {
            Result result = runBatch(batch, task);
            succeeded += result.succeeded();
            if (result.failure() != null) {
                return new Result(succeeded, result.failure());
            }
        }
        return new Result(succeeded, null);
    }

    private static Result runBatch(int size, Runnable task) {
        if (size == 1) {
            return runOne(task);
        }
        try (ExecutorService executor = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("slow-start-", 0).factory())) {
            List<Future<?>> all = IntStream.range(0, size)
                    .<Future<?>>mapToObj(i -> executor.submit(task))
                    .toList();
            int succeeded = 0;
            RuntimeException first = null;
            for (Future<?> future : all) {
                RuntimeException failure = failureOf(future);
                if (failure == null) {
                    succeeded++;
                } else if (first == null) {
                    first = failure;
                }
            }
            return new Result(succeeded, first);
        }
    }

    private static Result runOne(Runnable task) {
        try {
            task.run();
            return new Result(1, null);
        } catch (RuntimeException e) {
            return new Result(0, e);
        }
    }

    private static @Nullable RuntimeException failureOf(Future<?> future) {
        try {
            future.get();
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new IllegalStateException("interrupted while creating", e);
        } catch (ExecutionException e) {
            return e.getCause() instanceof RuntimeException cause
                    ? cause
                    : new IllegalStateException("creating failed", e.getCause());
        }
    }
}
