package io.insula.tenantapi.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.tenantapi.metrics.MetricRegistry.Sample;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class MetricRegistryTest {

    private final MetricRegistry registry = new MetricRegistry();

    private String text() {
        return new String(registry.text(), StandardCharsets.UTF_8);
    }

    @Test
    void writesCountersGaugesAndHistograms() {
        var counter = registry.counter("c_total", "Number of things", "kind", "code");
        counter.increment("a\"b\\c\nd", "200");
        counter.increment("a\"b\\c\nd", "200");
        registry.gauge("g", "Now", List.of("x"), () -> List.of(Sample.of(1.5, "y")));
        var histogram = registry.histogram("h_seconds", "How long", new double[] {0.1, 1}, "verb");
        histogram.observe(0.1, "GET");
        histogram.observe(0.5, "GET");
        histogram.observe(7, "GET");

        assertThat(text()).isEqualTo("""
                # HELP c_total Number of things
                # TYPE c_total counter
                c_total{kind="a\\"b\\\\c\\nd",code="200"} 2
                # HELP g Now
                # TYPE g gauge
                g{x="y"} 1.5
                # HELP h_seconds How long
                # TYPE h_seconds histogram
                h_seconds_bucket{verb="GET",le="0.1"} 1
                h_seconds_bucket{verb="GET",le="1"} 2
                h_seconds_bucket{verb="GET",le="+Inf"} 3
                h_seconds_sum{verb="GET"} 7.6
                h_seconds_count{verb="GET"} 3
                """);
    }

    @Test
    void saysNothingOfFamiliesWithoutSeries() {
        registry.counter("c_total", "Number of things", "kind");
        registry.histogram("h", "How long", new double[] {1}, "kind");
        registry.gauge("g", "Now", List.of(), List::of);

        assertThat(text()).isEmpty();
    }

    @Test
    void tellsTheRestWhenOneCannotBeRead() {
        registry.gauge("broken", "Now", () -> {
            throw new IllegalStateException("on purpose");
        });
        registry.counter("c_total", "Number of things").increment();

        assertThat(text()).doesNotContain("broken").contains("c_total 1\n");
    }

    @Test
    void refusesNamesTwiceAndWrongNumbersOfLabels() {
        var counter = registry.counter("c_total", "Number of things", "kind");

        assertThatThrownBy(() -> registry.counter("c_total", "Again")).hasMessageContaining("c_total");
        assertThatThrownBy(counter::increment).hasMessageContaining("c_total: 0 label values (expected: 1)");
    }

    @Test
    void tellsOfTheProcess() {
        ProcessMetrics.register(registry);

        assertThat(text())
                .containsPattern("\nprocess_cpu_seconds_total [0-9.]+\n")
                .containsPattern("\nprocess_start_time_seconds 1[0-9]{9}")
                .containsPattern("process_open_fds [0-9]+\n")
                .containsPattern("\nprocess_resident_memory_bytes [1-9][0-9]{6,}\n");
    }
}
