package io.insula.it.bench;

import io.insula.it.bench.Rate.Slice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/// Drives operations from several clients at once, each doing one thing at a time. Loads that are compared take turns
/// in short slices, so that whatever else the machine does meets all of them.
///
/// @param slices how often each load has its turn
/// @param slice how long a turn is
/// @param serverCpu processor time of the server so far, in nanoseconds
record Load(int slices, Duration slice, LongSupplier serverCpu) {

    /// One client: does its operation once per call.
    @FunctionalInterface
    interface Client {
        void operate() throws Exception;
    }

    /// What is measured under one name.
    record Contender(String name, List<Client> clients) {}

    /// Lets the loads take turns. The first turn of each, shorter, is not counted.
    ///
    /// @return in the order of the loads
    /// @throws IllegalStateException when an operation failed
    List<Rate> compare(List<Contender> loads) throws InterruptedException {
        var measured = new ArrayList<List<Slice>>();
        for (Contender load : loads) {
            drive(load.clients(), slice.dividedBy(3));
            measured.add(new ArrayList<>());
        }
        for (int i = 0; i < slices; i++) {
            for (int j = 0; j < loads.size(); j++) {
                measured.get(j).add(measure(loads.get(j).clients()));
            }
        }
        return measured.stream().map(Rate::of).toList();
    }

    private Slice measure(List<Client> clients) throws InterruptedException {
        long driver = driverCpu();
        long server = serverCpu.getAsLong();
        long begin = System.nanoTime();
        long[] nanos = drive(clients, slice);
        long elapsed = System.nanoTime() - begin;
        return new Slice(nanos, elapsed, driverCpu() - driver, serverCpu.getAsLong() - server);
    }

    private static long driverCpu() {
        return ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .orElse(Duration.ZERO)
                .toNanos();
    }

    /// Lets all clients operate for some time; the time of each operation, in nanoseconds.
    static long[] drive(List<Client> clients, Duration time) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var samples = new ArrayList<Future<long[]>>();
            for (Client client : clients) {
                samples.add(threads.submit(until(end, client)));
            }
            return joined(samples);
        }
    }

    /// Lets all clients operate, together so many times; how long that took, in seconds.
    static double count(List<Client> clients, int operations) throws InterruptedException {
        var left = new AtomicInteger(operations);
        long begin = System.nanoTime();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var samples = new ArrayList<Future<long[]>>();
            for (Client client : clients) {
                samples.add(threads.submit(() -> {
                    while (left.getAndDecrement() > 0) {
                        client.operate();
                    }
                    return new long[0];
                }));
            }
            joined(samples);
        }
        return (System.nanoTime() - begin) / 1e9;
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
