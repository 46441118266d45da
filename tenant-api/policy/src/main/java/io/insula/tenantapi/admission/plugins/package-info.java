/// The admission plugins, one file each, with upstream's names, order and texts. Each is a stateless singleton that the
/// engine finds by itself and that reads what it must know through the request's own client, and asks the request's
/// authorizer what its user may do.
///
/// Shared: `Requests` (what a request is about, refusals).
/// Not here: webhooks and admission policies.
@NullMarked
package io.insula.tenantapi.admission.plugins;

import org.jspecify.annotations.NullMarked;
