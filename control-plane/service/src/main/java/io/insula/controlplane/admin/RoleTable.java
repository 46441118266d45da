package io.insula.controlplane.admin;

import static io.insula.controlplane.admin.Role.AUDITOR;
import static io.insula.controlplane.admin.Role.MEMBER;
import static io.insula.controlplane.admin.Role.OPERATOR;
import static io.insula.controlplane.admin.Role.OWNER;

import java.util.Map;
import java.util.Set;

/// Who may ask for which operation besides superusers. What is not here is theirs alone: a new route is nobody else's
/// until somebody decides about it. An operator gets into no tenant and reads no trail, an auditor changes nothing, an
/// owner has a say about one tenant and sees nothing of others, a member only logs in to one.
final class RoleTable {

    private static final Set<Role> SEEING = Set.of(OPERATOR, AUDITOR);
    private static final Set<Role> SEEING_ONE = Set.of(OPERATOR, AUDITOR, OWNER);
    private static final Set<Role> RUNNING = Set.of(OPERATOR);
    private static final Set<Role> RUNNING_ONE = Set.of(OPERATOR, OWNER);

    static final Map<String, Set<Role>> ALL = Map.ofEntries(
            Map.entry("openApi", Set.of(OPERATOR, AUDITOR)),
            Map.entry("metrics", SEEING),
            Map.entry("status", SEEING),
            Map.entry("listTenants", SEEING),
            Map.entry("listProfiles", SEEING),
            Map.entry("listHostKubeconfigs", SEEING),
            Map.entry("listAdminKubeconfigs", Set.of(AUDITOR)),
            Map.entry("readAudit", Set.of(AUDITOR, OWNER)),
            Map.entry("getTenant", SEEING_ONE),
            Map.entry("explainPod", SEEING_ONE),
            Map.entry("listTenantKubeconfigs", SEEING_ONE),
            Map.entry("listTenantBackups", SEEING_ONE),
            Map.entry("createTenant", RUNNING),
            Map.entry("updateTenant", RUNNING),
            Map.entry("deleteTenant", RUNNING),
            Map.entry("suspendTenant", RUNNING),
            Map.entry("resumeTenant", RUNNING),
            Map.entry("restoreTenant", RUNNING),
            Map.entry("releaseTenantDeletes", RUNNING),
            Map.entry("rotateTenantKeys", RUNNING),
            Map.entry("deleteTenantBackup", RUNNING),
            Map.entry("revokeHostKubeconfigs", RUNNING),
            Map.entry("sleepTenant", RUNNING_ONE),
            Map.entry("wakeTenant", RUNNING_ONE),
            Map.entry("backUpTenant", RUNNING_ONE),
            Map.entry("verifyTenantBackup", RUNNING_ONE),
            Map.entry("revokeTenantKubeconfigs", RUNNING_ONE),
            Map.entry("describeLogin", SEEING),
            Map.entry("logInToTenant", Set.of(OWNER, MEMBER)),
            Map.entry("tenantKubeconfig", Set.of(OWNER)));

    private RoleTable() {}

    static Set<Role> of(String operation) {
        return ALL.getOrDefault(operation, Set.of());
    }
}
