package io.insula.controlplane.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.controlplane.pki.CertificateAuthority;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.syncer.kinds.Beans;
import io.insula.tenantapi.server.ServerComponents;
import io.micronaut.context.ApplicationContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An administrator of a tenant is after the syncer's place in it: to take it, or to take its rights away.
class SyncerStandingTest {

    private static final List<String> OWN = List.of(ClusterPki.SYNCER, ClusterPki.CLUSTER_ADMINS, "insula:anything");

    @Test
    void isNobodyElses(@TempDir Path folder) throws Exception {
        try (var beans = ApplicationContext.run();
                var acme = new TestCluster(
                        "acme",
                        folder,
                        beans.getBean(ServerComponents.class),
                        builder -> builder.standing(SyncerRights.of(Beans.syncers()))
                                .plugins(List.of(new OwnIdentities())));
                var syncer = client(acme.config(ClusterPki.SYNCER, List.of(ClusterPki.SYNCER)))) {
            for (var own : OWN) {
                refused(
                        "use of kubernetes.io/kube-apiserver-client signer with \"" + own + "\" is not allowed",
                        () -> ask(acme.client(), "O=" + own + ",CN=x"));
                refused("is not allowed", () -> ask(acme.client(), "O=dev+O=" + own + ",CN=x"));
                refused("is not allowed", () -> ask(acme.client(), "CN=" + own));
            }
            ask(acme.client(), "O=dev,CN=jane");
            refused("system:masters group is not allowed", () -> ask(acme.client(), "O=system:masters,CN=x"));

            try (var disguised = client(new ConfigBuilder(acme.config())
                    .withImpersonateUsername(ClusterPki.SYNCER)
                    .withImpersonateGroups(ClusterPki.SYNCER)
                    .build())) {
                refused("nobody acts as one of group", () -> disguised.pods().list());
            }
            try (var named = client(new ConfigBuilder(acme.config())
                    .withImpersonateUsername(ClusterPki.SYNCER)
                    .build())) {
                refused("cannot list resource", () -> named.pods().list());
            }

            acme.client().rbac().clusterRoleBindings().delete();
            acme.client().rbac().clusterRoles().delete();
            assertThat(syncer.pods().inAnyNamespace().list().getItems()).isEmpty();
            refused(
                    "cannot delete resource",
                    () -> syncer.secrets()
                            .inNamespace("default")
                            .withName("any")
                            .delete());
            refused("cannot impersonate", () -> {
                try (var master = client(new ConfigBuilder(acme.config(ClusterPki.SYNCER, List.of(ClusterPki.SYNCER)))
                        .withImpersonateUsername("x")
                        .withImpersonateGroups(ClusterPki.MASTERS)
                        .build())) {
                    master.pods().list();
                }
            });
        }
    }

    private static KubernetesClient client(Config config) {
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    private static void ask(KubernetesClient client, String subject) throws Exception {
        var keys = CertificateAuthority.newKeyPair();
        var pem = AuthoritySignerTest.request(subject, keys, keys);
        client.resource(new CertificateSigningRequestBuilder()
                        .withNewMetadata()
                        .withName("ask-" + Integer.toHexString(subject.hashCode()))
                        .endMetadata()
                        .withNewSpec()
                        .withSignerName("kubernetes.io/kube-apiserver-client")
                        .withUsages("client auth")
                        .withRequest(Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII)))
                        .endSpec()
                        .build())
                .create();
    }

    private static void refused(String why, ThrowingCallable attempt) {
        assertThatThrownBy(attempt).isInstanceOfSatisfying(KubernetesClientException.class, e -> {
            assertThat(e.getCode()).isEqualTo(403);
            assertThat(e.getMessage()).contains(why);
        });
    }
}
