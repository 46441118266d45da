package io.insula.controlplane.tenant;

/// Why a tenant that was started is not in order now.
///
/// @param reason one CamelCase word, a condition's
/// @param message for people, with the way out where there is one
public record Trouble(String reason, String message) {}
