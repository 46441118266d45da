package io.insula.controlplane.tenant;

import java.util.Map;

/// The profile that a tenant's pods must fit, as the host has it now.
@FunctionalInterface
public interface ProfileSource {

    /// @throws IllegalStateException when the profile is gone or cannot be read
    Profile current();

    /// @param spec the resource's spec as a JSON parser gives it
    record Profile(String name, Map<String, Object> spec) {}
}
