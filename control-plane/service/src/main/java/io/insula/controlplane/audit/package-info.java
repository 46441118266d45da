/// The audit trail: from the API servers, the admin API and the syncer to Kafka, at least once and in order per tenant.
///
/// An event is first synced to a local [AuditSpool] (one per tenant) and only then is its request
/// acknowledged; the [AuditShipper] sends the spools to the topic whenever Kafka answers. [AuditTrail] is the
/// entry point, [AuditReader] reads back. One thread, the shipper's, in all.
@NullMarked
package io.insula.controlplane.audit;

import org.jspecify.annotations.NullMarked;
