/// The one way out: every connection that a tenant's API server makes to where its tenant leads it.
///
/// [io.insula.tenantapi.egress.Egress] sends a request to a [io.insula.tenantapi.egress.Destination], trusting by
/// [io.insula.tenantapi.egress.Trust]; [io.insula.tenantapi.egress.EgressPolicy] says which addresses may be dialled.
/// A name is looked up once for each request and the connection made to the very address that was judged; the name
/// stays in TLS and in the `Host` header. There are no redirects, no proxies and no credentials of the machine: an
/// answer is handed over as it came. Webhooks, conversion, aggregated API servers and issuers of tokens use it; nothing
/// else in `tenant-api` may open a socket or look a name up (`ArchitectureTest`).
///
/// Calls block their (virtual) thread, and each has a deadline that holds whatever the other side does. Between
/// requests a few connections stay open, and no thread. Deliberately absent: HTTP/2, for which nobody needs to be
/// called, and unencrypted HTTP.
@NullMarked
package io.insula.tenantapi.egress;

import org.jspecify.annotations.NullMarked;
