package io.insula.tenantapi.server;

import io.insula.tenantapi.audit.AuditPolicy;
import java.time.Duration;

/// How a server serves.
///
/// @param auditPolicy what is recorded of which requests
/// @param seats requests in progress at once, but for long-running and exempt ones
/// @param shutdownDelay how long a stopping server goes on serving while it says that it is not ready, so that load
///     balancers turn away first
public record ServiceConfig(AuditPolicy auditPolicy, int seats, Duration shutdownDelay) {

    /// Source: kubernetes/apiserver, `--max-requests-inflight` and `--max-mutating-requests-inflight` (400 + 200).
    private static final int USUAL_SEATS = 600;

    public ServiceConfig {
        if (seats < 1) {
            throw new IllegalArgumentException("seats: " + seats + " (expected: >= 1)");
        }
    }

    public static ServiceConfig usual() {
        return new ServiceConfig(AuditPolicy.METADATA, USUAL_SEATS, Duration.ZERO);
    }

    public ServiceConfig auditPolicy(AuditPolicy policy) {
        return new ServiceConfig(policy, seats, shutdownDelay);
    }

    public ServiceConfig seats(int number) {
        return new ServiceConfig(auditPolicy, number, shutdownDelay);
    }

    public ServiceConfig shutdownDelay(Duration delay) {
        return new ServiceConfig(auditPolicy, seats, delay);
    }
}
