package io.insula.controlplane.host;

import io.insula.syncer.engine.HostRights.Right;
import io.insula.syncer.engine.InsulaLabels;
import java.util.List;
import java.util.Set;

/// Everything that the control plane itself does on a host that others run, the syncer aside: the source of
/// `deploy/rbac/control-plane.yaml`, and what is asked of the host before anything is written to it. The tests'
/// hosts know the control plane as somebody with these rights and no others. Immutable.
public final class ControlPlaneRights {

    /// As whom `deploy/rbac/control-plane.yaml` knows it.
    public static final String USER = "insula-control-plane";

    private static final String DEFINITIONS = "apiextensions.k8s.io" + "/customresourcedefinitions";
    private static final String RBAC = "rbac.authorization.k8s.io" + "/";
    private static final String SYNCER = InsulaLabels.SYNCER;
    private static final String SYNCER_CUSTOM = InsulaLabels.SYNCER + "-custom";
    private static final String SYNCER_SHOWN = InsulaLabels.SYNCER + "-shown";
    private static final String SYNCER_TENANT = InsulaLabels.SYNCER + "-tenant";

    /// In all namespaces, and of cluster-scoped kinds. Roles are written by name, so that the rights to grant more
    /// than one has are for these names only.
    static final List<Right> EVERYWHERE = List.of(
            // definitions and profiles: HostSetup
            all(DEFINITIONS, "create"),
            named(
                    DEFINITIONS,
                    Set.of(
                            "ingresshosts.tenancy.insula.io",
                            "isolationprofiles.tenancy.insula.io",
                            "tenants.tenancy.insula.io"),
                    "get",
                    "patch"),
            all("tenancy.insula.io/isolationprofiles", "create", "get", "list", "patch", "watch"),
            // which of them the host can serve: ProfileStatuses
            all("tenancy.insula.io/isolationprofiles/status", "patch"),
            // names of the outside that a tenant had, and that it gives up: TenantRemoval, EndedObjects
            all("tenancy.insula.io/ingresshosts", "delete", "get", "list", "update", "watch"),
            all("networking.k8s.io" + "/ingressclasses", "get"),
            // tenants: TenantObjects, HostTenants
            all("tenancy.insula.io/tenants", "create", "delete", "get", "list", "patch", "watch"),
            all("tenancy.insula.io/tenants/status", "patch"),
            // their namespaces with the walls around them: HostNamespaces, HostPolicies, HostPriorities, HostDrift
            all("/namespaces", "create", "delete", "get", "list", "update", "watch"),
            all("/limitranges", "create", "delete", "get", "list", "update", "watch"),
            all("networking.k8s.io" + "/networkpolicies", "create", "delete", "get", "list", "update", "watch"),
            all("/resourcequotas", "create", "delete", "get", "list", "update", "watch"),
            all("admissionregistration.k8s.io/validatingadmissionpolicies", standing()),
            all("admissionregistration.k8s.io/validatingadmissionpolicybindings", standing()),
            all("scheduling.k8s.io/priorityclasses", "create", "delete", "get", "list", "watch"),
            all("node.k8s.io/runtimeclasses", "get", "list", "watch"),
            // the syncer's roles, and who it is
            named(RBAC + "clusterroles", Set.of(SYNCER, SYNCER_TENANT), role()),
            named(RBAC + "clusterrolebindings", Set.of(SYNCER, SYNCER_SHOWN), binding()),
            // kinds that some tenant is shown: HostKinds
            named(RBAC + "clusterroles", Set.of(SYNCER_SHOWN), customRole()),
            named(RBAC + "rolebindings", Set.of(SYNCER, SYNCER_CUSTOM), binding()),
            all(RBAC + "rolebindings", "list", "watch"),
            // custom kinds that a tenant's rules open to it in that tenant's namespace: HostKinds
            named(RBAC + "roles", Set.of(SYNCER_CUSTOM), customRole()),
            all(RBAC + "roles", "list", "watch"),
            named("/users", Set.of(SYNCER), "impersonate"),
            // volumes of tenants whose claims are gone, and snapshots: EndedObjects
            all("snapshot.storage.k8s.io" + "/volumesnapshots", "delete", "get", "list"),
            all("/persistentvolumeclaims", "delete", "get", "list", "watch"),
            // addresses that tenants' API servers do not dial: HostBlocks
            all("/nodes", "list", "watch"),
            all("networking.k8s.io" + "/servicecidrs", "get", "list"),
            // addresses of tenants' Services: HostClusterIps
            all("/services", "create", "delete", "get", "patch"),
            // tenants' connections to their pods: HostLogs, HostStreams, HostProxy
            all("/pods", "get"),
            all("/pods/log", "get"),
            all("/pods/attach", "create", "get"),
            all("/pods/exec", "create", "get"),
            all("/pods/portforward", "create", "get"),
            all("/pods/proxy", proxy()),
            all("/services/proxy", proxy()));

    /// In the namespace `default`, where the host's API server stands.
    static final List<Right> IN_DEFAULT = List.of(
            named(RBAC + "roles", Set.of(SYNCER), role()),
            // of Tenants, which are in no namespace: TenantNews
            all("/events", "create"));

    private ControlPlaneRights() {}

    private static Right all(String resource, String... verbs) {
        return named(resource, Set.of(), verbs);
    }

    private static Right named(String resource, Set<String> names, String... verbs) {
        return new Right(resource, Set.of(verbs), names);
    }

    private static String[] standing() {
        return new String[] {"create", "delete", "get", "list", "update", "watch"};
    }

    private static String[] role() {
        return new String[] {"bind", "create", "escalate", "get", "patch", "update"};
    }

    private static String[] customRole() {
        return new String[] {"bind", "create", "delete", "escalate", "get", "patch", "update"};
    }

    private static String[] binding() {
        return new String[] {"create", "delete", "get", "patch", "update"};
    }

    private static String[] proxy() {
        return new String[] {"create", "delete", "get", "patch", "update"};
    }
}
