package io.insula.tenantapi.server;

import io.insula.tenantapi.metrics.MetricRegistry;
import io.insula.tenantapi.metrics.MetricRegistry.Sample;
import io.insula.tenantapi.registry.KindRegistry;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import io.insula.tenantapi.storage.Storage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/// How many objects a server stores, counted when somebody asks, once a minute at most. Thread-safe: guarded by
/// `lock`.
final class ServerMetrics {

    private static final long OLD_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Storage storage;
    private final KindRegistry kinds;
    private final ReentrantLock lock = new ReentrantLock();
    private List<Sample> counted = List.of();
    private long countedNanos;

    private ServerMetrics(Storage storage, KindRegistry kinds) {
        this.storage = storage;
        this.kinds = kinds;
    }

    /// Names and labels as in kubernetes/apiserver, `storage/etcd3/metrics`.
    static void register(MetricRegistry registry, Storage storage, KindRegistry kinds) {
        var metrics = new ServerMetrics(storage, kinds);
        registry.gauge(
                "apiserver_resource_objects",
                "Number of stored objects by resource",
                List.of("group", "resource"),
                metrics::objects);
        registry.gauge(
                "apiserver_storage_objects",
                "Number of stored objects by resource, under the name of older servers",
                List.of("resource"),
                () -> metrics.objects().stream()
                        .map(sample -> Sample.of(
                                sample.value(),
                                sample.labels().getFirst().isEmpty()
                                        ? sample.labels().get(1)
                                        : sample.labels().get(1) + "."
                                                + sample.labels().getFirst()))
                        .toList());
    }

    private List<Sample> objects() {
        lock.lock();
        try {
            long now = System.nanoTime();
            if (counted.isEmpty() || now - countedNanos > OLD_NANOS) {
                counted = count();
                countedNanos = System.nanoTime();
            }
            return counted;
        } finally {
            lock.unlock();
        }
    }

    private List<Sample> count() {
        var samples = new ArrayList<Sample>();
        var seen = new HashSet<String>();
        for (ResourceKind kind : kinds.all()) {
            KindSpec spec = kind.spec();
            if (spec.verbs().contains("list") && seen.add(spec.storagePath())) {
                long objects = storage.list("/registry/" + spec.storagePath() + "/", "", 0, 1)
                        .total();
                samples.add(Sample.of(
                        (double) objects, spec.gvr().group(), spec.gvr().resource()));
            }
        }
        return List.copyOf(samples);
    }
}
