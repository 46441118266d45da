package io.insula.controlplane.tenant;

/// How far the syncer is with one custom kind of a tenant. Immutable.
///
/// @param definition such as `widgets.example.com`
/// @param isLeaving whether its objects are to go from where they were sent: the host, or for what a tenant is shown
///     the tenant
/// @param objection what is in the way, on either side, as a sentence; empty for nothing
/// @param isGone whether that side was asked and has nothing of it, or does not serve it
/// @param sent how many objects of it are there, as far as they have been listed
public record KindState(String definition, boolean isLeaving, String objection, boolean isGone, int sent) {}
