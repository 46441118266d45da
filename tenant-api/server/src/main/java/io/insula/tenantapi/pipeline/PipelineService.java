package io.insula.tenantapi.pipeline;

import io.insula.tenantapi.audit.AuditPolicy;
import io.insula.tenantapi.flowcontrol.FlowControl;
import io.insula.tenantapi.metrics.MetricRegistry;
import java.util.concurrent.ScheduledExecutorService;

/// What a pipeline does beside answering.
///
/// @param flowControl says who goes first
/// @param beforeAdmission hears of each request; quick
/// @param timers ends what takes too long; shared, its tasks are short
public record PipelineService(
        AuditPolicy auditPolicy,
        FlowControl flowControl,
        Runnable beforeAdmission,
        MetricRegistry metrics,
        ScheduledExecutorService timers) {}
