package io.insula.controlplane.admin;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.controlplane.pki.ClusterPki;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/// What somebody may ask of the admin API, as the organizations of a client certificate say it, or the groups of
/// a token. Superusers may ask for
/// everything; what a route names no other role for is theirs alone.
enum Role {
    /// All of it, who else has a role included.
    SUPERUSER("superusers"),
    /// Makes, runs and removes tenants, and gets into none of them.
    OPERATOR("operators"),
    /// Sees what there is and what was done, and changes nothing.
    AUDITOR("auditors"),
    /// Runs one tenant, and has kubeconfigs of it issued and revoked.
    OWNER("owners"),
    /// Logs in to one tenant, as whoever a token says and no more.
    MEMBER("members");

    private final String group;

    Role(String group) {
        this.group = ClusterPki.OWN + group;
    }

    /// The organization of a certificate that gives it.
    ///
    /// @param tenantUid of whose tenant; of no meaning for other roles. A uid and no name: a tenant that is made
    ///     later, by the same name, is another's
    String groupFor(String tenantUid) {
        return isOfOneTenant() ? group + ":" + tenantUid : group;
    }

    /// Whether it is about one tenant and nothing else.
    boolean isOfOneTenant() {
        return this == OWNER || this == MEMBER;
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
                        .anyMatch(role ->
                                role.isOfOneTenant() ? held.startsWith(role.group + ":") : held.equals(role.group)));
    }

    /// What a caller may be in one tenant: by a certificate's groups, and with a token by the tenant's own list.
    static Set<Role> inTenant(Optional<? extends JsonNode> tenant, AdminCall call) {
        return tenant.map(TenantAccess::of)
                .map(access -> {
                    var held = new ArrayList<>(call.user().groups());
                    if (call.isByToken()) {
                        held.addAll(access.standing(call.user().groups()));
                    }
                    return Arrays.stream(values())
                            .filter(role -> role.isOfOneTenant() && held.contains(role.groupFor(access.uid())))
                            .collect(Collectors.toUnmodifiableSet());
                })
                .orElse(Set.of());
    }

    /// Whether somebody in these groups may ask for what a route does.
    ///
    /// @param route that names the roles it is for
    /// @param tenant that it is about; empty where it is about none
    /// @param standingIn the roles that they have in a tenant; none where there is no such tenant
    static boolean allow(List<String> groups, Route route, String tenant, Function<String, Set<Role>> standingIn) {
        if (groups.contains(SUPERUSER.group)
                || route.roles().stream().anyMatch(role -> !role.isOfOneTenant() && groups.contains(role.group))) {
            return true;
        }
        return route.roles().stream().anyMatch(Role::isOfOneTenant)
                && standingIn.apply(tenant).stream().anyMatch(route.roles()::contains);
    }
}
