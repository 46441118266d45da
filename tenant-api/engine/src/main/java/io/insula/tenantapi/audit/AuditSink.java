package io.insula.tenantapi.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;

/// Takes the audit events of one API server in order of their stages. Implementations that lose events are not allowed:
/// where the destination is down, they spool or block.
@FunctionalInterface
public interface AuditSink {

    /// Hands over one complete `audit.k8s.io/v1` `Event`; the sink owns it from then on.
    ///
    /// When it returns, the event is durable: the server calls it *before* it acknowledges the request.
    void accept(ObjectNode event);
}
