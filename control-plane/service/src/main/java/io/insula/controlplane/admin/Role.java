package io.insula.controlplane.admin;

import io.insula.controlplane.pki.ClusterPki;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/// What somebody may ask of the admin API, as the organizations of a client certificate say it. Superusers may ask for
/// everything; what a route names no other role for is theirs alone.
enum Role {
    /// All of it, who else has a role included.
    SUPERUSER("superusers"),
    /// Makes, runs and removes tenants, and gets into none of them.
    OPERATOR("operators"),
    /// Sees what there is and what was done, and changes nothing.
    AUDITOR("auditors"),
    /// Runs one tenant, and has kubeconfigs of it issued and revoked.
    OWNER("owners");

    private final String group;

    Role(String group) {
        this.group = ClusterPki.OWN + group;
    }

    /// The organization of a certificate that gives it.
    ///
    /// @param tenantUid whose owner; of no meaning for other roles. A uid and no name: a tenant that is made later,
    ///     by the same name, is another's
    String groupFor(String tenantUid) {
        return this == OWNER ? group + ":" + tenantUid : group;
    }

    /// As people write it: `operator`.
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Role> of(String word) {
        return Arrays.stream(values()).filter(role -> role.word().equals(word)).findFirst();
    }

    /// Whether somebody in these groups has any role.
    static boolean any(List<String> groups) {
        return groups.stream()
                .anyMatch(held -> Arrays.stream(values())
                        .anyMatch(role -> role == OWNER ? held.startsWith(role.group + ":") : held.equals(role.group)));
    }

    /// Whether somebody in these groups may ask for what a route does.
    ///
    /// @param route that names the roles it is for
    /// @param tenant that it is about; empty where it is about none
    /// @param uidOf the uid of a tenant; empty where there is none
    static boolean allow(List<String> groups, Route route, String tenant, Function<String, Optional<String>> uidOf) {
        return groups.contains(SUPERUSER.group)
                || route.roles().stream()
                        .anyMatch(role -> role == OWNER
                                ? uidOf.apply(tenant)
                                        .filter(uid -> groups.contains(OWNER.groupFor(uid)))
                                        .isPresent()
                                : groups.contains(role.group));
    }
}
