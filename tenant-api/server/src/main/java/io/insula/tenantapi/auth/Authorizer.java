package io.insula.tenantapi.auth;

/// Decides whether a user may do what a request wants.
@FunctionalInterface
public interface Authorizer {

    Decision authorize(Attributes attributes);

    /// @param reason for people and the audit trail, e.g. which binding allowed it; may be empty
    record Decision(boolean allowed, String reason) {}
}
