package io.insula.controlplane.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.controlplane.process.OneKafka;
import io.insula.controlplane.tenant.Tenant;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Nobody deletes a tenant that is protected, whichever way.
final class ProtectionTest {

    @RegisterExtension
    static final OneKafka KAFKA = new OneKafka();

    @TempDir
    private Path home;

    @Test
    void keepsATenantUntilTheProtectionIsLifted() {
        var terminal = new Terminal(home);
        try (var _ = InsulaService.start(ServicePlan.of(home).with(KAFKA.settings(home)), _ -> {});
                KubernetesClient host = host(terminal)) {
            assertThat(terminal.type("tenant", "create", "acme").code()).isZero();
            assertThat(terminal.insula("tenant", "protect", "acme")).contains("is protected");

            assertThat(terminal.insula("tenant", "delete", "acme")).contains("protected from deletion", "--off");
            var tenants = host.resources(Tenant.class);
            assertThatThrownBy(() -> tenants.withName("acme").delete())
                    .isInstanceOfSatisfying(
                            KubernetesClientException.class,
                            refused -> assertThat(refused.getCode()).isEqualTo(403));
            assertThatThrownBy(() -> tenants.delete()).isInstanceOf(KubernetesClientException.class);
            host.admissionRegistration()
                    .v1()
                    .validatingAdmissionPolicies()
                    .withName("insula-tenant-protection")
                    .delete();
            Patience.await(
                    "the policy is put back",
                    () -> host.admissionRegistration()
                                    .v1()
                                    .validatingAdmissionPolicies()
                                    .withName("insula-tenant-protection")
                                    .get()
                            != null);
            assertThat(terminal.isReady("acme")).isTrue();
            assertThat(tenants.withName("acme").get().isMarkedForDeletion()).isFalse();

            assertThat(terminal.insula("tenant", "protect", "acme", "--off")).contains("can be deleted");
            assertThat(terminal.insula("tenant", "delete", "acme")).contains("gone");
        }
    }

    private static KubernetesClient host(Terminal terminal) {
        Config config =
                Config.fromKubeconfig(terminal.type("host", "kubeconfig").output());
        config.setRequestRetryBackoffLimit(0);
        return new KubernetesClientBuilder().withConfig(config).build();
    }
}
