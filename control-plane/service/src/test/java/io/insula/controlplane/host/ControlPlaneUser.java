package io.insula.controlplane.host;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.insula.controlplane.cluster.TestHost;
import io.insula.syncer.kinds.RoleText;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The control plane on somebody else's host: with the rights of `deploy/rbac/control-plane.yaml` and no others.
public final class ControlPlaneUser {

    private static final String IN_DEFAULT = "  name: " + ControlPlaneRights.USER + "\n  namespace: default\n";
    private static final String EVERYWHERE = "  name: " + ControlPlaneRights.USER + "\n";

    private ControlPlaneUser() {}

    /// The caller closes it.
    public static KubernetesClient of(TestHost host) {
        host.client()
                .load(new ByteArrayInputStream(manifest().getBytes(StandardCharsets.UTF_8)))
                .items()
                .forEach(each -> host.client().resource(each).create());
        return withoutRights(host);
    }

    /// As it is before anybody has given it any.
    static KubernetesClient withoutRights(TestHost host) {
        return new KubernetesClientBuilder()
                .withConfig(host.config(ControlPlaneRights.USER, List.of()))
                .build();
    }

    static String manifest() {
        return """
                # Rendered from ControlPlaneRights by ControlPlaneRightsTest (-Dupdate.golden): do not edit.
                # What the control plane itself needs on a host that others run; bind it to whoever the kubeconfig of
                # --host-kubeconfig is. Who may bind and impersonate so has the syncer's rights in tenants' namespaces too.
                """ + RoleText.role("ClusterRole", EVERYWHERE, ControlPlaneRights.EVERYWHERE) + """
                ---
                # The syncer's role where the host's API server is, and Events of Tenants.
                """
                + RoleText.role("Role", IN_DEFAULT, ControlPlaneRights.IN_DEFAULT) + """
                ---
                """
                + RoleText.binding("ClusterRole", EVERYWHERE, ControlPlaneRights.USER) + """
                ---
                """
                + RoleText.binding("Role", IN_DEFAULT, ControlPlaneRights.USER);
    }
}
