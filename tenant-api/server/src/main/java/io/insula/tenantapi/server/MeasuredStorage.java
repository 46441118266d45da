package io.insula.tenantapi.server;

import io.insula.tenantapi.metrics.Counter;
import io.insula.tenantapi.metrics.Histogram;
import io.insula.tenantapi.metrics.MetricRegistry;
import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.StorageException;
import io.insula.tenantapi.storage.StoragePage;
import io.insula.tenantapi.storage.StoredValue;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Counts and times the calls of a store. Thread-safe. Names and labels as in kubernetes/apiserver,
/// `storage/etcd3/metrics`.
final class MeasuredStorage implements Storage {

    private static final double[] SECONDS = {
        0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60
    };
    private static final double NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Storage storage;
    private final Counter requests;
    private final Counter errors;
    private final Histogram durations;

    MeasuredStorage(Storage storage, MetricRegistry registry) {
        this.storage = storage;
        requests = registry.counter(
                "etcd_requests_total", "Number of calls of the store", "operation", "group", "resource");
        errors = registry.counter(
                "etcd_request_errors_total", "Number of calls that failed", "operation", "group", "resource");
        durations = registry.histogram(
                "etcd_request_duration_seconds",
                "How long calls of the store took",
                SECONDS,
                "operation",
                "group",
                "resource");
    }

    @Override
    public long create(String key, byte[] value, Duration ttl) {
        return measured("create", key, () -> storage.create(key, value, ttl));
    }

    @Override
    public Optional<StoredValue> get(String key) {
        return measured("get", key, () -> storage.get(key));
    }

    @Override
    public StoragePage list(String prefix, String startKey, long revision, int limit) {
        return measured("list", prefix, () -> storage.list(prefix, startKey, revision, limit));
    }

    @Override
    public long update(String key, byte[] value, long expectedRevision) {
        return measured("update", key, () -> storage.update(key, value, expectedRevision));
    }

    @Override
    public long delete(String key, long expectedRevision) {
        return measured("delete", key, () -> storage.delete(key, expectedRevision));
    }

    @Override
    public long currentRevision() {
        return measured("getCurrentResourceRevision", "", storage::currentRevision);
    }

    @Override
    public Optional<String> readOnlyBecause() {
        return storage.readOnlyBecause();
    }

    @Override
    public Subscription watch(String prefix, long afterRevision, Listener listener) {
        return storage.watch(prefix, afterRevision, listener);
    }

    @Override
    public void close() {
        storage.close();
    }

    private <T> T measured(String operation, String key, Supplier<T> call) {
        Resource resource = Resource.of(key);
        long began = System.nanoTime();
        requests.increment(operation, resource.group(), resource.name());
        try {
            return call.get();
        } catch (StorageException.Unavailable | StorageException.NoSpace e) {
            errors.increment(operation, resource.group(), resource.name());
            throw e;
        } finally {
            durations.observe((System.nanoTime() - began) / NANOS, operation, resource.group(), resource.name());
        }
    }

    /// As the key has it: `/registry/[group/]resource/…`; a group has a dot.
    private record Resource(String group, String name) {
        static Resource of(String key) {
            String[] parts = key.split("/", 5);
            String first = parts.length > 2 ? parts[2] : "";
            return first.contains(".") && parts.length > 3 ? new Resource(first, parts[3]) : new Resource("", first);
        }
    }
}
