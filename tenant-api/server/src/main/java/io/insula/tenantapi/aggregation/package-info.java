/// API servers of the tenant's own behind this one: what an APIService with a Service declares.
///
/// [Aggregation] is the entry point. It keeps an APIService for every group and version that this server serves
/// itself ([Registration]), asks the others whether they answer ([Availability]), tells discovery of them, and
/// hands the pipeline an [AggregatedProxy] for their requests.
///
/// Rules that keep tenants apart: what this server serves itself is never proxied, whatever an APIService
/// says; a server behind is reached only through a Service, resolved by the same
/// [io.insula.tenantapi.webhook.ServiceResolver] as webhooks, and through
/// [io.insula.tenantapi.egress.Egress]; headers of identity come from this server alone; a request that came
/// through a front proxy is not proxied once more, so that no circle of APIServices can grow.
///
/// Idle, it holds nothing but what it has read; while there is an APIService with a Service, a timer looks every half
/// minute. Their OpenAPI v2 is joined with this server's, v3 is only pointed at. Not here: upgrades (exec and the
/// like).
@NullMarked
package io.insula.tenantapi.aggregation;

import org.jspecify.annotations.NullMarked;
