/// What a tenant pod becomes on the shared host, decided by pure functions: no I/O, no clock, no randomness.
///
/// Start with [io.insula.isolation.Profiles]: it picks one of the profiles a tenant may use and answers a sealed
/// [io.insula.isolation.HostWorkload]: a pod in a sandbox, a virtual machine, or the field that stands in the way.
/// A profile is two halves: [io.insula.isolation.ProfileSettings] (data, from an `IsolationProfile` custom resource)
/// and an [io.insula.isolation.IsolationProfile] (code, one per [io.insula.isolation.Sandbox], which it declares).
///
/// Everything here is immutable and free of shared state. Not done here: translating names and references (the
/// syncer does that before it asks a profile), creating RuntimeClasses or node pools on the host, quota accounting.
@NullMarked
package io.insula.isolation;

import org.jspecify.annotations.NullMarked;
