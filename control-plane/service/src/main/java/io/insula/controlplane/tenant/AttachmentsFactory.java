package io.insula.controlplane.tenant;

import io.fabric8.kubernetes.client.Config;
import io.insula.controlplane.audit.AuditTrail;
import io.insula.syncer.engine.HostRanges;
import io.insula.tenantapi.metrics.LoopMetrics;
import io.insula.tenantapi.metrics.MetricRegistry;

/// Starts the syncer against a host. A port.
@FunctionalInterface
public interface AttachmentsFactory {

    /// @param host how the syncer reaches the host
    /// @param ranges addresses of the host that it does not name itself
    /// @param metrics where its loop is counted
    Attachments start(Config host, HostRanges ranges, AuditTrail audit, LoopMetrics loops, MetricRegistry metrics);
}
