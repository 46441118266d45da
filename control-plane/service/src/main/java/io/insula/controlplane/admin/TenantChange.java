package io.insula.controlplane.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.tenant.ProfileRules;
import io.insula.syncer.custom.CustomKind;
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
/// @param backupEvery how long after a backup the next one is taken; an empty text for never
/// @param backupKeep how many of the scheduled backups stay
/// @param deletionProtection whether nobody can delete it
/// @param customKinds all rules of kinds that go to the host from now on
/// @param profileRules all rules by which pods get profiles from now on
record TenantChange(
        Optional<String> profile,
        Optional<List<String>> allowedProfiles,
        Map<String, Optional<String>> labels,
        Optional<String> sleepAfter,
        Optional<String> backupEvery,
        Optional<Long> backupKeep,
        Optional<Boolean> deletionProtection,
        Optional<ArrayNode> customKinds,
        Optional<ArrayNode> profileRules) {

    private static final String PROFILE_RULES = "profileRules";
    private static final String CUSTOM_KINDS = "customKinds";

    static final Set<String> FIELDS = Set.of(
            "profile",
            "allowedProfiles",
            "labels",
            "sleepAfter",
            "backupEvery",
            "backupKeep",
            "deletionProtection",
            CUSTOM_KINDS,
            PROFILE_RULES);

    /// @throws AdminException 400 for what is malformed, 422 for a rule that makes no sense or opens too much
    static TenantChange of(StrictBody body) {
        return new TenantChange(
                body.text("profile"),
                body.has("allowedProfiles") ? Optional.of(body.texts("allowedProfiles")) : Optional.empty(),
                body.map("labels", true),
                body.text("sleepAfter"),
                body.text("backupEvery"),
                body.number("backupKeep"),
                body.flag("deletionProtection"),
                body.list(CUSTOM_KINDS).map(TenantChange::rules),
                body.list(PROFILE_RULES).map(TenantChange::profileRules));
    }

    private static ArrayNode rules(ArrayNode rules) {
        try {
            var _ = CustomKind.read(CUSTOM_KINDS, Json.MAPPER.convertValue(rules, List.class));
            return rules;
        } catch (IllegalArgumentException e) {
            throw AdminException.invalid(String.valueOf(e.getMessage()));
        }
    }

    @SuppressWarnings("unchecked")
    private static ArrayNode profileRules(ArrayNode rules) {
        for (JsonNode rule : rules) {
            if (!rule.isObject()) {
                throw AdminException.invalid(PROFILE_RULES + ": " + rule + " (expected: objects)");
            }
        }
        try {
            var _ = ProfileRules.read(Json.MAPPER.convertValue(rules, List.class), List.of());
            return rules;
        } catch (IllegalArgumentException e) {
            throw AdminException.invalid(String.valueOf(e.getMessage()));
        }
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
        customKinds.ifPresent(
                rules -> patch.withObject("/spec").withObjectProperty("sync").set(CUSTOM_KINDS, rules));
        profileRules.ifPresent(rules -> patch.withObject("/spec").set(PROFILE_RULES, rules));
        sleepAfter.ifPresent(text -> put(patch, "idlePolicy", "sleepAfter", text));
        backupEvery.ifPresent(text -> put(patch, "backup", "every", text));
        backupKeep.ifPresent(
                many -> patch.withObject("/spec").withObjectProperty("backup").put("keep", many));
        return patch;
    }

    /// @param text empty to remove what is there
    private static void put(ObjectNode patch, String policy, String field, String text) {
        ObjectNode into = patch.withObject("/spec").withObjectProperty(policy);
        if (text.isEmpty()) {
            into.putNull(field);
        } else {
            into.put(field, text);
        }
    }
}
