package io.insula.tenantapi.metrics;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.DoubleAdder;

/// How values are spread. Thread-safe.
public final class Histogram extends Family {

    private final double[] buckets;
    private final Map<List<String>, Series> series = new ConcurrentHashMap<>();

    /// @param counts by bucket, each value once; the last is beyond all bounds
    private record Series(AtomicLongArray counts, DoubleAdder sum) {}

    Histogram(String name, String help, List<String> labels, double[] buckets) {
        super("histogram", name, help, labels);
        this.buckets = buckets.clone();
    }

    /// Lets a series exist before its first value, at zero.
    public void begin(String... labels) {
        of(labels);
    }

    public void observe(double value, String... labels) {
        Series mine = of(labels);
        int bucket = 0;
        while (bucket < buckets.length && value > buckets[bucket]) {
            bucket++;
        }
        mine.counts().incrementAndGet(bucket);
        mine.sum().add(value);
    }

    private Series of(String... labels) {
        return series.computeIfAbsent(
                key(labels), values -> new Series(new AtomicLongArray(buckets.length + 1), new DoubleAdder()));
    }

    @Override
    void write(StringBuilder out) {
        if (series.isEmpty()) {
            return;
        }
        writeHead(out);
        series.forEach((values, one) -> {
            long count = 0;
            for (int i = 0; i <= buckets.length; i++) {
                count += one.counts().get(i);
                double bound = i < buckets.length ? buckets[i] : Double.POSITIVE_INFINITY;
                writeLine(out, "_bucket", values, "le=\"" + number(bound) + '"', (double) count);
            }
            writeLine(out, "_sum", values, "", one.sum().sum());
            writeLine(out, "_count", values, "", (double) count);
        });
    }
}
