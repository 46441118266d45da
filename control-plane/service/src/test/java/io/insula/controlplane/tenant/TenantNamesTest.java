package io.insula.controlplane.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.controlplane.cluster.TestCluster;
import io.insula.controlplane.host.HostSetup;
import io.insula.isolation.Profiles;
import io.insula.tenantapi.server.ServerComponents;
import io.micronaut.context.ApplicationContext;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A name that cannot be a tenant's is refused by the host itself: also `kubectl apply` says so at once.
final class TenantNamesTest {

    @Test
    void refusesAtTheHostsAdmissionWhatCannotBeATenant(@TempDir Path folder) {
        try (var beans = ApplicationContext.run();
                var host = new TestCluster("host", folder, beans.getBean(ServerComponents.class), b -> b)) {
            new HostSetup(host.client(), beans.getBean(Profiles.class)).install();
            for (String name : List.of("host", "a".repeat(41), "x.y")) {
                assertThat(Tenancy.checkName(name)).as(name).isPresent();
                assertThatThrownBy(() -> host.client().resource(tenant(name)).create())
                        .as(name)
                        .isInstanceOfSatisfying(
                                KubernetesClientException.class,
                                e -> assertThat(e.getCode()).isEqualTo(422));
            }
            for (String name : List.of("hosts", "a".repeat(40), "x-y", "0")) {
                assertThat(Tenancy.checkName(name)).as(name).isEmpty();
                assertThat(host.client().resource(tenant(name)).create())
                        .as(name)
                        .isNotNull();
            }
        }
    }

    private static Tenant tenant(String name) {
        var tenant = new Tenant();
        tenant.getMetadata().setName(name);
        tenant.setSpec(new TenantSpec("runc"));
        return tenant;
    }
}
