package io.insula.it.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Drives an operation from several clients at once, each doing one thing at a time.
final class Load {

    /// One client: does its operation once per call.
    @FunctionalInterface
    interface Client {
        void operate() throws Exception;
    }

    private Load() {}

    /// Lets all clients operate for a warm-up and then for a measured time.
    ///
    /// @throws IllegalStateException when an operation failed
    static Rate run(List<? extends Client> clients, Duration warmUp, Duration measured) throws InterruptedException {
        drive(clients, warmUp);
        long begin = System.nanoTime();
        long[] nanos = drive(clients, measured);
        return Rate.of(nanos, System.nanoTime() - begin);
    }

    private static long[] drive(List<? extends Client> clients, Duration time) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var samples = new ArrayList<Future<long[]>>();
            for (Client client : clients) {
                samples.add(threads.submit(until(end, client)));
            }
            return joined(samples);
        }
    }

    private static Callable<long[]> until(long end, Client client) {
        return () -> {
            var nanos = new long[1024];
            int count = 0;
            for (long begin = System.nanoTime(); begin < end; ) {
                client.operate();
                long now = System.nanoTime();
                nanos = count == nanos.length ? Arrays.copyOf(nanos, count * 2) : nanos;
                nanos[count++] = now - begin;
                begin = now;
            }
            return Arrays.copyOf(nanos, count);
        };
    }

    private static long[] joined(List<Future<long[]>> samples) throws InterruptedException {
        var all = new ArrayList<long[]>();
        for (Future<long[]> sample : samples) {
            try {
                all.add(sample.get());
            } catch (ExecutionException e) {
                throw new IllegalStateException("an operation failed: " + e.getCause(), e.getCause());
            }
        }
        return all.stream().flatMapToLong(Arrays::stream).toArray();
    }
}
