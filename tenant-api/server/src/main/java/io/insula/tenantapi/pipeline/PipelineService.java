package io.insula.tenantapi.pipeline;

import io.insula.tenantapi.audit.AuditPolicy;
import io.insula.tenantapi.flowcontrol.FlowControl;
import io.insula.tenantapi.metrics.MetricRegistry;
import java.security.cert.X509Certificate;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Predicate;

/// What a pipeline does beside answering.
///
/// @param flowControl says who goes first
/// @param beforeAdmission hears of each request; quick
/// @param revoked whether a client certificate does not count any more; answers from memory
/// @param timers ends what takes too long; shared, its tasks are short
public record PipelineService(
        AuditPolicy auditPolicy,
        FlowControl flowControl,
        Runnable beforeAdmission,
        MetricRegistry metrics,
        ScheduledExecutorService timers,
        Predicate<X509Certificate> revoked) {}
