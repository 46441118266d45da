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
    /// @param limits of the tenant altogether
    /// @param rules as the tenant's spec has them; [ProfileRules] reads them
    record Choice(Profile standard, List<Profile> allowed, TenantLimits limits, List<Map<String, Object>> rules) {
        public Choice {
            allowed = List.copyOf(allowed);
            rules = List.copyOf(rules);
        }

        /// Without rules.
        public Choice(Profile standard, List<Profile> allowed, TenantLimits limits) {
            this(standard, allowed, limits, List.of());
        }

        /// With the limits of a tenant that names none.
        public Choice(Profile standard, List<Profile> allowed) {
            this(standard, allowed, TenantLimits.DEFAULT);
        }
    }

    /// @param spec the resource's spec as a JSON parser gives it
    record Profile(String name, Map<String, Object> spec) {}
}
