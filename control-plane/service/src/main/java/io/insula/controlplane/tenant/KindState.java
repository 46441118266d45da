package io.insula.controlplane.tenant;

/// How far the syncer is with one custom kind of a tenant. Immutable.
///
/// @param definition such as `widgets.example.com`
/// @param isLeaving whether its objects are to go from the host
/// @param objection what is in the way, on either side, as a sentence; empty for nothing
/// @param isNotOnHost whether the host was asked and has nothing of it, or does not serve it
/// @param onHost how many objects of it the host has, as far as they have been listed
public record KindState(String definition, boolean isLeaving, String objection, boolean isNotOnHost, int onHost) {}
