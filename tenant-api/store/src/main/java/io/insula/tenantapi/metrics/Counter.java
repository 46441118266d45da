package io.insula.tenantapi.metrics;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// Numbers that only grow. Thread-safe.
public final class Counter extends Family {

    private final Map<List<String>, LongAdder> series = new ConcurrentHashMap<>();

    Counter(String name, String help, List<String> labels) {
        super("counter", name, help, labels);
        if (labels.isEmpty()) {
            series.put(List.of(), new LongAdder());
        }
    }

    public void increment(String... labels) {
        series.computeIfAbsent(key(labels), values -> new LongAdder()).increment();
    }

    /// Shows a series at zero: what never happened looks different from what is not there.
    public void begin(String... labels) {
        series.computeIfAbsent(key(labels), values -> new LongAdder());
    }

    @Override
    void write(StringBuilder out) {
        if (series.isEmpty()) {
            return;
        }
        writeHead(out);
        series.forEach((values, sum) -> writeLine(out, "", values, "", (double) sum.sum()));
    }
}
