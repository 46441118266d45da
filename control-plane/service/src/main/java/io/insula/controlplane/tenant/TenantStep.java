package io.insula.controlplane.tenant;

import io.insula.reconcile.Outcome;

/// One thing that a tenant needs to be real. Steps run in their order; the first that is not settled answers for the
/// tenant, and those behind it wait.
///
/// A step may run at any time, twice, or after a crash between any two of its writes, and ends in the same place.
interface TenantStep {

    /// Which condition of the tenant's status it is about.
    String condition();

    /// Brings about what is missing. What it throws is a failure: it is tried again.
    Outcome settle(Tenant tenant, TenantUnit unit);
}
