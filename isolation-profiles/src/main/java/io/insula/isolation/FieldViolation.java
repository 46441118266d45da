package io.insula.isolation;

/// One field of a pod that a rule forbids.
///
/// @param field its path, as Kubernetes writes it
public record FieldViolation(String field, String message) {}
