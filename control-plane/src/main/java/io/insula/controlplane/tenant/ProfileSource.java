package io.insula.controlplane.tenant;

import java.util.List;
import java.util.Map;

/// The profiles that a tenant's pods must fit, as the host has them now.
@FunctionalInterface
public interface ProfileSource {

    /// @throws IllegalStateException when the standard profile is gone or cannot be read
    Choice current();

    /// @param standard of pods that ask for none
    /// @param allowed what pods may ask for besides
    record Choice(Profile standard, List<Profile> allowed) {
        public Choice {
            allowed = List.copyOf(allowed);
        }
    }

    /// @param spec the resource's spec as a JSON parser gives it
    record Profile(String name, Map<String, Object> spec) {}
}
