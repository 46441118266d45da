package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.PodTemplate;
import io.fabric8.kubernetes.api.model.PodTemplateBuilder;
import io.insula.isolation.TenantProfiles;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.SyncEngine;
import io.insula.syncer.engine.SyncSettings;
import io.insula.syncer.engine.TenantAttachment;
import io.insula.syncer.engine.TenantId;
import io.micronaut.context.ApplicationContext;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A synced kind is one file: [MadeUpSyncer] is named nowhere, and yet its kind is synced and in the host's role.
@Tag("servers")
class OneFileTest {

    private static final TenantId ACME = new TenantId("acme");
    private static final Duration DEADLINE = Duration.ofMinutes(3);
    private static final String HOST_NAME = new NameMap(ACME).hostName("PodTemplate", "default", "mould");

    @Test
    void syncsAKindThatOneClassAdds() throws Exception {
        try (var beans = ApplicationContext.run("made-up");
                var host = new Cluster(beans, false, List.of());
                var acme = new Cluster(beans, true, List.of())) {
            host.client()
                    .resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(ACME.hostNamespace())
                            .endMetadata()
                            .build())
                    .create();
            try (var engine = SyncEngine.start(host.client(), Beans.syncers(beans), SyncSettings.DEFAULT, _ -> {})) {
                engine.attach(new TenantAttachment(
                        ACME, acme.config(), 1, () -> TenantProfiles.only(Beans.settings("runc"))));
                acme.client().resource(mould()).create();
                awaitOnHost(host, "it is there", found -> found != null);
                assertThat(onHost(host))
                        .isNotNull()
                        .satisfies(found -> assertThat(
                                        found.getTemplate().getSpec().getContainers())
                                .hasSize(1));

                acme.client().resource(mould()).delete();
                awaitOnHost(host, "it is gone", found -> found == null);
            }
        }
    }

    @Test
    void theHostsRoleFollows() {
        try (var beans = ApplicationContext.run("made-up")) {
            assertThat(HostRbacTest.render(Beans.syncers(beans))).containsOnlyOnce("""
                              - apiGroups: [""]
                                resources: ["podtemplates"]
                                verbs: ["create", "delete", "get", "list", "patch", "watch"]
                            """);
        }
        assertThat(HostRbacTest.render(Beans.syncers())).as("without it").doesNotContain("podtemplates");
    }

    private static HasMetadata mould() {
        return new PodTemplateBuilder()
                .withNewMetadata()
                .withName("mould")
                .withNamespace("default")
                .endMetadata()
                .withNewTemplate()
                .withNewSpec()
                .addNewContainer()
                .withName("c")
                .withImage("i")
                .endContainer()
                .endSpec()
                .endTemplate()
                .build();
    }

    private static @Nullable PodTemplate onHost(Cluster host) {
        return host.client()
                .resources(PodTemplate.class)
                .inNamespace(ACME.hostNamespace())
                .withName(HOST_NAME)
                .get();
    }

    private static void awaitOnHost(Cluster host, String what, Predicate<@Nullable PodTemplate> condition) {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        while (!condition.test(onHost(host))) {
            assertThat(System.nanoTime()).as("deadline of: " + what).isLessThan(deadline);
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }
}
