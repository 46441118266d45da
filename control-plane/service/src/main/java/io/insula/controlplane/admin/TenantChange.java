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
/// @param sleepAfter how long nobody may use it before it is put to sleep; an empty text for ever
/// @param deletionProtection whether nobody can delete it
record TenantChange(
        Optional<String> profile,
        Optional<List<String>> allowedProfiles,
        Map<String, Optional<String>> labels,
        Optional<String> sleepAfter,
        Optional<Boolean> deletionProtection) {

    static final Set<String> FIELDS =
            Set.of("profile", "allowedProfiles", "labels", "sleepAfter", "deletionProtection");

    /// @throws AdminException 400 for what is malformed
    static TenantChange of(StrictBody body) {
        return new TenantChange(
                body.text("profile"),
                body.has("allowedProfiles") ? Optional.of(body.texts("allowedProfiles")) : Optional.empty(),
                body.map("labels", true),
                body.text("sleepAfter"),
                body.flag("deletionProtection"));
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
        deletionProtection.ifPresent(on -> patch.withObject("/spec").put("deletionProtection", on));
        sleepAfter.ifPresent(text -> {
            ObjectNode into = patch.withObject("/spec").withObjectProperty("idlePolicy");
            if (text.isEmpty()) {
                into.putNull("sleepAfter");
            } else {
                into.put("sleepAfter", text);
            }
        });
        return patch;
    }
}
