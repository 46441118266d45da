/// Calls to the webhooks that tenants declare: admission and conversion.
///
/// [io.insula.tenantapi.webhook.WebhookClient] posts a review to a `clientConfig`, over TLS verified by its caBundle;
/// [io.insula.tenantapi.webhook.ServiceResolver] is the seam that says where a Service is reached. Clients are kept for
/// reuse, a few per server, and close with it. No client certificate is sent: upstream sends one only when configured.
@NullMarked
package io.insula.tenantapi.webhook;

import org.jspecify.annotations.NullMarked;
