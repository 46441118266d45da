package io.insula.controlplane.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.controlplane.cluster.TestCluster;
import io.insula.syncer.kinds.Beans;
import io.insula.tenantapi.server.ServerComponents;
import io.micronaut.context.ApplicationContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the control plane needs on a host, what it says when it has less, and what it does not get with it.
final class ControlPlaneRightsTest {

    private static final Path ROLE = Path.of("../../deploy/rbac/control-plane.yaml");

    @Test
    void rolesSayWhatIsDeclared() throws IOException {
        if (System.getProperty("update.golden") != null) {
            Files.writeString(ROLE, ControlPlaneUser.manifest());
        }
        assertThat(ControlPlaneUser.manifest()).isEqualTo(Files.readString(ROLE));
    }

    @Test
    void namesWhatIsMissingAndIsContentWithWhatIsDeclared(@TempDir Path folder) {
        try (var beans = ApplicationContext.run();
                var host = new TestCluster("host", folder, beans.getBean(ServerComponents.class), builder -> builder);
                var bare = ControlPlaneUser.withoutRights(host)) {
            assertThatThrownBy(new CredentialCheck(bare)::require)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("create, delete, get, list, update, watch namespaces;")
                    .hasMessageContaining("patch tenants.tenancy.insula.io/status;")
                    .hasMessageContaining("impersonate users \"insula-syncer\"")
                    .hasMessageContaining("escalate, get, patch, update clusterroles.rbac.authorization.k8s.io"
                            + " \"insula-syncer-tenant\"")
                    .hasMessageContaining("roles.rbac.authorization.k8s.io \"insula-syncer\" in namespace default")
                    .hasMessageContaining("deploy/rbac/control-plane.yaml");

            try (var given = ControlPlaneUser.of(host)) {
                assertThat(new CredentialCheck(given).missing()).isEmpty();
                assertThat(new CredentialCheck(host.client()).missing()).isEmpty();
                assertThatCode(() -> new HostSetup(given, Beans.profiles()).install())
                        .doesNotThrowAnyException();
                // and once more, when all of it stands
                assertThatCode(() -> new HostSetup(given, Beans.profiles()).install())
                        .doesNotThrowAnyException();
                host.client()
                        .rbac()
                        .clusterRoles()
                        .withName("insula-control-plane")
                        .edit(role -> {
                            role.getRules().removeIf(rule -> rule.getResources().contains("pods/exec"));
                            return role;
                        });
                assertThat(new CredentialCheck(given).missing()).containsExactly("create, get pods/exec");
            }
        }
    }

    /// The rights to grant more than one has are for the syncer's roles only.
    @Test
    void makesNobodyAnAdministrator(@TempDir Path folder) {
        try (var beans = ApplicationContext.run();
                var host = new TestCluster("host", folder, beans.getBean(ServerComponents.class), builder -> builder);
                var stolen = ControlPlaneUser.of(host)) {
            var role = Serialization.unmarshal("""
                    apiVersion: rbac.authorization.k8s.io/v1
                    kind: ClusterRole
                    metadata: {name: mine}
                    rules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]
                    """, ClusterRole.class);
            assertThatThrownBy(() -> stolen.resource(role).create()).isInstanceOf(KubernetesClientException.class);
            assertThatThrownBy(() -> stolen.resource(role)
                            .fieldManager("mine")
                            .forceConflicts()
                            .serverSideApply())
                    .isInstanceOf(KubernetesClientException.class);
            for (String name : new String[] {"insula-syncer", "mine"}) {
                var binding = Serialization.unmarshal(
                        """
                        apiVersion: rbac.authorization.k8s.io/v1
                        kind: ClusterRoleBinding
                        metadata: {name: %s}
                        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
                        subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: eve}]
                        """.formatted(name), io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding.class);
                assertThatThrownBy(() -> stolen.resource(binding)
                                .fieldManager("mine")
                                .forceConflicts()
                                .serverSideApply())
                        .isInstanceOf(KubernetesClientException.class);
            }
            assertThatThrownBy(() -> stolen.secrets().inNamespace("kube-system").list())
                    .isInstanceOf(KubernetesClientException.class);
        }
    }
}
