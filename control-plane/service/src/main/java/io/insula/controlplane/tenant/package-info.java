/// Tenants: the custom resources `Tenant` and `IsolationProfile`, and the reconciler that makes them real.
///
/// [TenantController] holds the steps, [TenantLoop] runs them for names from a queue, [TenantRuntime] owns what runs
/// for one
/// tenant. The API server and the syncer are reached through the ports [Clusters] and [Attachments]. Reconciling is
/// safe to
/// repeat and to resume after a crash between any two steps.
@NullMarked
package io.insula.controlplane.tenant;

import org.jspecify.annotations.NullMarked;
