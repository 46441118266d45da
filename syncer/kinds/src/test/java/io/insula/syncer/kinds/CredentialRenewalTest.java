package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.Config;
import io.insula.isolation.TenantProfiles;
import io.insula.syncer.engine.SyncEngine;
import io.insula.syncer.engine.SyncSettings;
import io.insula.syncer.engine.TenantAttachment;
import io.insula.syncer.engine.TenantId;
import io.micronaut.context.ApplicationContext;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The syncer's credential of a tenant ends while it syncs.
@Tag("servers")
class CredentialRenewalTest {

    private static final TenantId ACME = new TenantId("acme");
    private static final Duration DEADLINE = Duration.ofMinutes(3);

    @Test
    void syncsOnWithTheNextOneAndKeepsItsWatches() throws Exception {
        try (var beans = ApplicationContext.run();
                var host = new Cluster(beans, false, List.of());
                var acme = new Cluster(beans, true, List.of())) {
            host.client()
                    .resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(ACME.hostNamespace())
                            .endMetadata()
                            .build())
                    .create();
            var access = new AtomicReference<Config>(acme.syncer(Duration.ofDays(1)));
            try (var engine = SyncEngine.start(host.client(), Beans.syncers(), SyncSettings.DEFAULT, _ -> {})) {
                engine.attach(new TenantAttachment(
                        ACME,
                        access::get,
                        1,
                        URI.create(acme.config().getMasterUrl()),
                        false,
                        () -> TenantProfiles.only(Beans.settings("runc"))));
                acme.client().resource(service("first")).create();
                await("what comes with the first credential", () -> hasHostsAddress(acme, "first"));
                var lists = listed(acme);

                access.set(acme.syncer(Duration.ofDays(3)));
                acme.pass(Duration.ofHours(25));
                acme.client().resource(service("second")).create();
                await("what comes with the second", () -> hasHostsAddress(acme, "second"));
                assertThat(engine.status(ACME).orElseThrow().troubles()).isEmpty();
                assertThat(listed(acme)).as("lists of Services").isEqualTo(lists);
            }
        }
    }

    private static Service service(String name) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .endMetadata()
                .withNewSpec()
                .addNewPort()
                .withPort(80)
                .endPort()
                .endSpec()
                .build();
    }

    /// It goes down by a watch, and its address comes up by a request.
    private static boolean hasHostsAddress(Cluster cluster, String name) {
        var address = cluster.client()
                .services()
                .inNamespace("default")
                .withName(name)
                .get()
                .getSpec()
                .getClusterIP();
        return address != null && !address.isEmpty();
    }

    /// How often Services were listed by anybody.
    private static double listed(Cluster cluster) {
        return cluster.client()
                .raw("/metrics")
                .lines()
                .filter(line -> line.startsWith("apiserver_request_total{"))
                .filter(line -> line.contains("resource=\"services\"") && line.contains("verb=\"LIST\""))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("deadline of: " + what).isLessThan(deadline);
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }
}
