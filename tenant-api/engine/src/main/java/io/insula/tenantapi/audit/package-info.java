/// The audit trail of one API server: `audit.k8s.io/v1` events handed to an [AuditSink].
@NullMarked
package io.insula.tenantapi.audit;

import org.jspecify.annotations.NullMarked;
