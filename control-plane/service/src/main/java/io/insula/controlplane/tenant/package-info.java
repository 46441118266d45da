/// Tenants: the custom resources `Tenant` and `IsolationProfile`, and the reconciler that makes them real.
///
/// [TenantController] watches the host and puts the parts together. [TenantReconciler] runs the steps ([TenantStep]) of
/// one tenant, or its [TenantRemoval], for names from the queue of [TenantLoop]; [TenantUnits] is the one place that
/// holds something between two looks, and all of that may be lost. [TenantRuntime] owns what runs for one tenant. etcd,
/// API server and syncer are reached through the ports [Stores], [Clusters] and [Attachments]. Reconciling is safe to
/// repeat and to resume after a crash between any two writes.
@NullMarked
package io.insula.controlplane.tenant;

import org.jspecify.annotations.NullMarked;
