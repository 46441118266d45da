package io.insula.syncer.engine;

/// Something that keeps a tenant out of step with the host, or that a person should look at.
///
/// @param reason one CamelCase word, a condition's
/// @param message for people, with the way out where there is one
public record SyncTrouble(String reason, String message) {}
