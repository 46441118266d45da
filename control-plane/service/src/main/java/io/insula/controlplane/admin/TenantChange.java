package io.insula.controlplane.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// What is to become of a tenant; what is empty stays as it is.
///
/// @param labels those to set, and with an empty value those to remove
record TenantChange(
        Optional<String> profile, Optional<List<String>> allowedProfiles, Map<String, Optional<String>> labels) {

    static final Set<String> FIELDS = Set.of("profile", "allowedProfiles", "labels");

    /// @throws AdminException 400 for what is malformed
    static TenantChange of(StrictBody body) {
        return new TenantChange(
                body.text("profile"),
                body.has("allowedProfiles") ? Optional.of(body.texts("allowedProfiles")) : Optional.empty(),
                body.map("labels", true));
    }

    /// All that it names.
    Stream<String> profiles() {
        return Stream.concat(profile.stream(), allowedProfiles.stream().flatMap(List::stream));
    }

    /// As a merge patch of the Tenant resource. Source: RFC 7386.
    ObjectNode patch() {
        ObjectNode patch = Json.object();
        profile.ifPresent(p -> patch.withObject("/spec").put("isolationProfile", p));
        allowedProfiles.ifPresent(all -> all.forEach(patch.withObject("/spec").putArray("allowedProfiles")::add));
        labels.forEach((key, value) -> {
            ObjectNode into = patch.withObject("/metadata").withObjectProperty("labels");
            value.ifPresentOrElse(text -> into.put(key, text), () -> into.putNull(key));
        });
        return patch;
    }
}
