/// Calls to the webhooks that tenants declare: admission and conversion.
///
/// [io.insula.tenantapi.webhook.WebhookClient] posts a review to a `clientConfig`, through
/// [io.insula.tenantapi.egress.Egress], over TLS verified by its caBundle;
/// [io.insula.tenantapi.webhook.ServiceResolver]
/// is the seam that says where a Service is reached, [io.insula.tenantapi.webhook.RunningPods] the one that says
/// whether a pod runs there. No client certificate is sent: upstream sends one only when configured.
@NullMarked
package io.insula.tenantapi.webhook;

import org.jspecify.annotations.NullMarked;
