package io.insula.controlplane.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.insula.controlplane.audit.AuditTrail;
import io.insula.controlplane.audit.TestTrails;
import io.insula.controlplane.cluster.TestCluster;
import io.insula.controlplane.host.ControlPlaneUser;
import io.insula.controlplane.host.HostSetup;
import io.insula.controlplane.tenant.Clusters.OwnedClaim;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.TenantId;
import io.insula.syncer.kinds.Beans;
import io.insula.tenantapi.controllers.ControllerManagers;
import io.insula.tenantapi.metrics.LoopMetrics;
import io.insula.tenantapi.metrics.MetricRegistry;
import io.insula.tenantapi.server.ServerComponents;
import io.micronaut.context.ApplicationContext;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Somebody with the syncer's credential wants tenants' data gone: what he marks goes only if the tenant says so, too.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EndedClaimsTest {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String CLUSTER = "cluster-of-acme";

    private final ApplicationContext beans = ApplicationContext.run();
    private final Provisioning provisioning = new Provisioning(ConcurrentHashMap.newKeySet(), _ -> {});
    private TestCluster host = unset();
    private KubernetesClient controlPlane = unset();
    private KubernetesClient stolen = unset();
    private AuditTrail audit = unset();
    private TenantController controller = unset();

    @BeforeAll
    void start(@TempDir Path folder) {
        host = new TestCluster("host", folder, beans.getBean(ServerComponents.class), builder -> builder)
                .withControllers(beans.getBean(ControllerManagers.class));
        controlPlane = ControlPlaneUser.of(host);
        new HostSetup(controlPlane, Beans.profiles()).install();
        audit = TestTrails.taking(folder.resolve("audit"));
        controller = new TenantController(
                controlPlane,
                provisioning.settings(folder.resolve("home")),
                provisioning,
                audit,
                Beans.profiles(),
                new LoopMetrics(new MetricRegistry()));
        stolen = new KubernetesClientBuilder()
                .withConfig(host.config(InsulaLabels.SYNCER, List.of()))
                .build();
        List.of("acme", "older").forEach(this::open);
    }

    @AfterAll
    void stop() {
        stolen.close();
        controller.close();
        audit.close();
        controlPlane.close();
        host.close();
        beans.close();
    }

    @Test
    void goOnlyWhenTheTenantSaysSo() {
        var own = new OwnedClaim(CLUSTER, "shop", "kept", "u-kept");
        provisioning.has(own);
        var kept = marked("acme", "kept");
        var gone = marked("acme", "gone");

        await("what is gone goes", () -> gone.get() == null);
        await("the tenant is asked", () -> provisioning.asked().contains(own));
        assertThat(kept.get().getMetadata().getDeletionTimestamp()).isNull();

        provisioning.hasNoMore(own);
        await("it goes when the tenant has it no more", () -> kept.get() == null);
    }

    /// A claim that says to be another's, or nobody's.
    @Test
    void stayWhereTheirNamesAreNotTheirOwn() {
        var forged = claim("acme", "forged");
        forged.getMetadata().setName("data-shop-" + "a".repeat(20));
        var theirs = create("acme", forged);
        var others = claim("acme", "others");
        others.getMetadata().getAnnotations().put(InsulaLabels.TENANT, "older");
        var another = create("acme", others);
        var gone = marked("acme", "witness");

        await("one of its own goes", () -> gone.get() == null);
        assertThat(theirs.get().getMetadata().getDeletionTimestamp()).isNull();
        assertThat(another.get().getMetadata().getDeletionTimestamp()).isNull();
        assertThat(provisioning.asked()).extracting(OwnedClaim::name).doesNotContain("forged", "others");
    }

    /// A restored store lacks what came later: that is no proof.
    @Test
    void stayWhileTheTenantIsSetBack() {
        annotate("older", "\"a-backup\"");
        var later = marked("older", "later");
        var gone = marked("acme", "witness-too");

        await("another tenant's goes", () -> gone.get() == null);
        assertThat(later.get().getMetadata().getDeletionTimestamp()).isNull();
        assertThat(provisioning.asked()).extracting(OwnedClaim::name).doesNotContain("later");

        annotate("older", "null");
        await("it goes when a person has looked", () -> later.get() == null);
    }

    private void annotate(String tenant, String value) {
        host.client()
                .resources(Tenant.class)
                .withName(tenant)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"annotations\":{\"" + InsulaLabels.RESTORED + "\":" + value + "}}}");
    }

    /// With the stolen credential.
    private Resource<PersistentVolumeClaim> marked(String tenant, String name) {
        return create(tenant, claim(tenant, name));
    }

    private Resource<PersistentVolumeClaim> create(String tenant, PersistentVolumeClaim claim) {
        stolen.resource(claim).inNamespace(Tenancy.hostNamespace(tenant)).create();
        return host.client()
                .persistentVolumeClaims()
                .inNamespace(Tenancy.hostNamespace(tenant))
                .withName(claim.getMetadata().getName());
    }

    private static PersistentVolumeClaim claim(String tenant, String name) {
        var own = new PersistentVolumeClaimBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("shop")
                .withUid("u-" + name)
                .endMetadata()
                .build();
        return new PersistentVolumeClaimBuilder()
                .withMetadata(
                        new ObjectMetaBuilder(new NameMap(new TenantId(tenant)).hostMeta("PersistentVolumeClaim", own))
                                .addToLabels(InsulaLabels.ENDING, "true")
                                .build())
                .withNewSpec()
                .withAccessModes("ReadWriteOnce")
                .withNewResources()
                .withRequests(Map.of("storage", new Quantity("1Gi")))
                .endResources()
                .endSpec()
                .build();
    }

    private void open(String name) {
        var tenant = new Tenant();
        tenant.getMetadata().setName(name);
        tenant.setSpec(new TenantSpec("runc"));
        host.client().resource(tenant).create();
        await(name + " is ready", () -> controller.isReady(name));
        host.client()
                .namespaces()
                .withName(Tenancy.hostNamespace(name))
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"annotations\":{\"" + InsulaLabels.CLUSTER_UID + "\":\"cluster-of-" + name
                                + "\"}}}");
    }

    private static void await(String what, BooleanSupplier condition) {
        var deadline = Instant.now().plus(PATIENCE);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as(what).isBefore(deadline);
            LockSupport.parkNanos(20_000_000);
        }
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // set before the first test
    private static <T> T unset() {
        return null;
    }
}
