package io.insula.tenantapi.metrics;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/// All metric families of one server. Thread-safe.
/// Source of the format: Prometheus, "Exposition formats", text version 0.0.4.
public final class MetricRegistry {

    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores";

    private final ConcurrentSkipListMap<String, Family> families = new ConcurrentSkipListMap<>();

    /// One value of a family that is asked for its values.
    ///
    /// @param labels as many as the family has names
    public record Sample(List<String> labels, double value) {
        public Sample {
            labels = List.copyOf(labels);
        }

        public static Sample of(double value, String... labels) {
            return new Sample(List.of(labels), value);
        }
    }

    /// @param name `_total` at its end
    /// @param help a sentence
    /// @throws IllegalStateException when the name is taken
    public Counter counter(String name, String help, String... labels) {
        return add(new Counter(name, help, List.of(labels)));
    }

    /// @param buckets upper bounds, ascending, without the infinite one
    public Histogram histogram(String name, String help, double[] buckets, String... labels) {
        return add(new Histogram(name, help, List.of(labels), buckets));
    }

    /// Values read when somebody asks.
    public void gauge(String name, String help, List<String> labels, Supplier<List<Sample>> values) {
        add(new Asked("gauge", name, help, labels, values));
    }

    /// One value, read when somebody asks.
    public void gauge(String name, String help, DoubleSupplier value) {
        gauge(name, help, List.of(), () -> List.of(Sample.of(value.getAsDouble())));
    }

    /// As [#gauge], of a number that only grows.
    public void counter(String name, String help, DoubleSupplier value) {
        add(new Asked("counter", name, help, List.of(), () -> List.of(Sample.of(value.getAsDouble()))));
    }

    /// Everything, by name.
    public byte[] text() {
        var out = new StringBuilder(16 * 1024);
        families.values().forEach(family -> family.write(out));
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    private <F extends Family> F add(F family) {
        if (families.putIfAbsent(family.name(), family) != null) {
            throw new IllegalStateException("metric exists: " + family.name());
        }
        return family;
    }
}
