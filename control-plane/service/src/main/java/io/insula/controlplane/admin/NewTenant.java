package io.insula.controlplane.admin;

import io.insula.controlplane.tenant.Tenancy;
import io.insula.controlplane.tenant.TenantSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// A tenant that somebody wants.
///
/// @param labels of the Tenant resource, to select by
record NewTenant(String name, String profile, List<String> allowedProfiles, Map<String, String> labels) {

    static final Set<String> FIELDS = Set.of("name", "profile", "allowedProfiles", "labels");

    NewTenant {
        allowedProfiles = List.copyOf(allowedProfiles);
        labels = Map.copyOf(labels);
    }

    /// @throws AdminException 400 for what is malformed, 422 for a name that cannot be a tenant's
    static NewTenant of(StrictBody body) {
        String name = body.requireText("name");
        Tenancy.checkName(name).ifPresent(wrong -> {
            throw AdminException.invalid(wrong);
        });
        var labels = new TreeMap<String, String>();
        body.map("labels", false).forEach((key, value) -> labels.put(key, value.orElseThrow()));
        return new NewTenant(
                name, body.text("profile").orElse(TenantSpec.DEFAULT_PROFILE), body.texts("allowedProfiles"), labels);
    }

    /// The same for two requests that want the same.
    String fingerprint() {
        return Fingerprints.of(name, profile, allowedProfiles.toString(), new TreeMap<>(labels).toString());
    }

    Optional<List<String>> allowed() {
        return allowedProfiles.isEmpty() ? Optional.empty() : Optional.of(allowedProfiles);
    }
}
