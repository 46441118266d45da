package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.insula.isolation.TenantProfiles;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.SyncEngine;
import io.insula.syncer.engine.SyncSettings;
import io.insula.syncer.engine.TenantAttachment;
import io.insula.syncer.engine.TenantId;
import io.micronaut.context.ApplicationContext;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A tenant's store is set back to a backup: it is the same cluster, and lacks what came after it.
@Tag("servers")
class SetBackStoreTest {

    private static final TenantId ACME = new TenantId("acme");
    private static final Duration DEADLINE = Duration.ofMinutes(3);

    /// Whoever restores it says so; else the host's objects tell.
    @ParameterizedTest(name = "told: {0}")
    @ValueSource(booleans = {false, true})
    void keepsWhatCameLaterUntilAPersonSaysThatItGoes(boolean isTold) throws Exception {
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
            var settings = SyncSettings.DEFAULT.withScan(Duration.ofMillis(500));
            try (var engine = SyncEngine.start(host.client(), Beans.syncers(), settings, _ -> {})) {
                engine.attach(attachment(acme, false));
                var made = acme.client().resource(service()).create();
                await("it is on the host", () -> onHost(host).get() != null);
                assertThat(revision(onHost(host).get()))
                        .isGreaterThanOrEqualTo(
                                Long.parseLong(made.getMetadata().getResourceVersion()));

                // what the store is after a restore: without the object, and not as far as the object was
                engine.detach(ACME);
                acme.client().resource(service()).delete();
                if (!isTold) {
                    onHost(host)
                            .edit(service -> new ServiceBuilder(service)
                                    .editMetadata()
                                    .addToAnnotations(InsulaLabels.REVISION, Long.toString(Long.MAX_VALUE))
                                    .endMetadata()
                                    .build());
                }
                engine.attach(attachment(acme, isTold));
                await("all is listed", () -> engine.status(ACME).orElseThrow().synced());
                var scans = engine.status(ACME).orElseThrow().scans();
                await("scans", () -> engine.status(ACME).orElseThrow().scans() > scans + 3);
                assertThat(onHost(host).get()).isNotNull();

                engine.release(ACME);
                await("a person said so", () -> onHost(host).get() == null);
            }
        }
    }

    private static TenantAttachment attachment(Cluster acme, boolean setBack) {
        return new TenantAttachment(
                ACME,
                acme::config,
                1,
                URI.create(acme.config().getMasterUrl()),
                setBack,
                () -> TenantProfiles.only(Beans.settings("runc")));
    }

    private static Resource<Service> onHost(Cluster host) {
        return host.client()
                .services()
                .inNamespace(ACME.hostNamespace())
                .withName(new NameMap(ACME).hostName("Service", "default", "web"));
    }

    private static long revision(Service service) {
        return Long.parseLong(service.getMetadata().getAnnotations().getOrDefault(InsulaLabels.REVISION, "-1"));
    }

    private static Service service() {
        return new ServiceBuilder()
                .withNewMetadata()
                .withName("web")
                .withNamespace("default")
                .endMetadata()
                .withNewSpec()
                .addNewPort()
                .withPort(80)
                .endPort()
                .endSpec()
                .build();
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("deadline of: " + what).isLessThan(deadline);
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }
}
