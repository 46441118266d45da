package io.insula.controlplane.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.syncer.engine.SyncAudit.Side;
import io.insula.tenantapi.metrics.MetricRegistry;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class SyncMetricsTest {

    private final MetricRegistry registry = new MetricRegistry();
    private final SyncMetrics metrics = new SyncMetrics(registry, List.of("Pod", "Service"));

    /// What never happened looks different from what is not there.
    @Test
    void showEverySeriesAtZero() {
        assertThat(text())
                .contains("insula_syncer_breaker_openings_total{side=\"host\"} 0")
                .contains("insula_syncer_breaker_openings_total{side=\"tenant\"} 0")
                .contains("insula_syncer_breaker_closings_total{side=\"host\",by=\"person\"} 0")
                .contains("insula_syncer_breaker_closings_total{side=\"tenant\",by=\"proof\"} 0")
                .contains("insula_syncer_drift_repairs_total{kind=\"Pod\"} 0")
                .contains("insula_syncer_drift_repairs_total{kind=\"custom\"} 0");
    }

    @Test
    void countByWhatIsKnownAtTheStartOnly() {
        metrics.opened(Side.HOST);
        metrics.closed(Side.HOST, true);
        metrics.closed(Side.TENANT, false);
        metrics.repaired("Pod");
        metrics.repaired("Widget.example.com");
        metrics.repaired("Gadget.example.com");

        assertThat(text())
                .contains("insula_syncer_breaker_openings_total{side=\"host\"} 1")
                .contains("insula_syncer_breaker_closings_total{side=\"host\",by=\"person\"} 1")
                .contains("insula_syncer_breaker_closings_total{side=\"tenant\",by=\"proof\"} 1")
                .contains("insula_syncer_drift_repairs_total{kind=\"Pod\"} 1")
                .contains("insula_syncer_drift_repairs_total{kind=\"custom\"} 2")
                .doesNotContain("example.com");
    }

    private String text() {
        return new String(registry.text(), StandardCharsets.UTF_8);
    }
}
