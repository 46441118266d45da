package io.insula.tenantapi.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;

/// Takes the audit events of one API server in order of their stages. Implementations that lose events are not allowed:
/// where the destination is down, they spool or block.
@FunctionalInterface
public interface AuditSink {

    /// Hands over one complete `audit.k8s.io/v1` `Event`; the sink owns it from then on.
    ///
    /// When it returns, the event is durable: the server calls it *before* it acknowledges the request.
    ///
    /// @throws Unavailable when the event cannot be kept: its request must not be acknowledged
    void accept(ObjectNode event);

    /// Asked before a request is carried out, so that nothing is done that could not be recorded afterwards; quick.
    ///
    /// @throws Unavailable when an event would not be kept at present
    default void requireTaking() {}

    /// An event could not be made durable, and nothing of it is kept. Already logged by the sink, which would otherwise
    /// be done for every request.
    final class Unavailable extends RuntimeException {

        /// @param why for clients: says nothing of folders and hosts
        public Unavailable(String why, Throwable cause) {
            super(why, cause);
        }
    }
}
