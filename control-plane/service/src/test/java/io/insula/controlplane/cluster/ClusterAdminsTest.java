package io.insula.controlplane.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.pki.Kubeconfig;
import io.insula.tenantapi.server.ServerComponents;
import io.micronaut.context.ApplicationContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An administrator's rights can be taken away, and stay away.
final class ClusterAdminsTest {

    @TempDir
    private Path folder;

    @Test
    void canDoEverythingUntilTheBindingIsDeletedForGood() throws Exception {
        try (var beans = ApplicationContext.run();
                var cluster =
                        new TestCluster("acme", folder.resolve("pki"), beans.getBean(ServerComponents.class), b -> b);
                var administrator = new KubernetesClientBuilder()
                        .withConfig(administrator(cluster))
                        .build()) {
            assertThatThrownBy(() -> administrator.secrets().inAnyNamespace().list())
                    .isInstanceOfSatisfying(
                            KubernetesClientException.class,
                            e -> assertThat(e.getCode()).isEqualTo(403));

            ClusterAdmins.bindOnce(cluster.server().client(), folder);
            ClusterAdmins.bindOnce(cluster.server().client(), folder);
            assertThat(administrator.secrets().inAnyNamespace().list().getItems())
                    .isNotNull();

            // a run that ended before it could say that it was done
            Files.delete(folder.resolve("cluster-admins"));
            ClusterAdmins.bindOnce(cluster.server().client(), folder);

            cluster.client()
                    .rbac()
                    .clusterRoleBindings()
                    .withName(ClusterPki.CLUSTER_ADMINS)
                    .delete();
            ClusterAdmins.bindOnce(cluster.server().client(), folder);
            assertThatThrownBy(() -> administrator.secrets().inAnyNamespace().list())
                    .isInstanceOfSatisfying(
                            KubernetesClientException.class,
                            e -> assertThat(e.getCode()).isEqualTo(403));
        }
    }

    /// A tenant whose store is lost begins anew in the same folder, and must not be without administrators.
    @Test
    void bindsAnewInAStoreThatBeganAnew() {
        for (int life = 1; life <= 2; life++) {
            try (var beans = ApplicationContext.run();
                    var cluster = new TestCluster(
                            "acme", folder.resolve("pki"), beans.getBean(ServerComponents.class), b -> b)) {
                ClusterAdmins.bindOnce(cluster.server().client(), folder);
                assertThat(cluster.client()
                                .rbac()
                                .clusterRoleBindings()
                                .withName(ClusterPki.CLUSTER_ADMINS)
                                .get())
                        .as("life " + life)
                        .isNotNull();
            }
        }
    }

    private Config administrator(TestCluster cluster) {
        var pki = ClusterPki.open(folder.resolve("pki"), "acme", List.of(), Clock.systemUTC());
        var own = pki.issueUser("admin", List.of(ClusterPki.CLUSTER_ADMINS), Duration.ofHours(1));
        var kubeconfig = new Kubeconfig(
                "acme", cluster.config().getMasterUrl(), pki.authority().certificatePem(), "admin", own);
        return Config.fromKubeconfig(kubeconfig.toYaml());
    }
}
