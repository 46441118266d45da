package io.insula.controlplane.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClassBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.controlplane.audit.AuditTrail;
import io.insula.controlplane.audit.TestTrails;
import io.insula.controlplane.cluster.TestCluster;
import io.insula.controlplane.host.ControlPlaneUser;
import io.insula.controlplane.host.HostSetup;
import io.insula.controlplane.tenant.Clusters.OwnedObject;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Somebody with the syncer's credential wants tenants' data gone: what he marks goes only if the tenant says so, too.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EndedObjectsTest {

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
        var own = new OwnedObject(CLUSTER, EndedKind.CLAIM.inTenant(), "shop", "kept", "u-kept");
        provisioning.has(own, tree("{metadata: {uid: u-kept}}"));
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
        assertThat(provisioning.asked()).extracting(OwnedObject::name).doesNotContain("forged", "others");
    }

    /// A restored store lacks what came later: that is no proof.
    @Test
    void stayWhileTheTenantIsSetBack() {
        annotate("older", "\"a-backup\"");
        var later = marked("older", "later");
        var gone = marked("acme", "witness-too");

        await("another tenant's goes", () -> gone.get() == null);
        assertThat(later.get().getMetadata().getDeletionTimestamp()).isNull();
        assertThat(provisioning.asked()).extracting(OwnedObject::name).doesNotContain("later");

        annotate("older", "null");
        await("it goes when a person has looked", () -> later.get() == null);
    }

    /// Names of the outside: another tenant may be waiting for one that is given up.
    @Test
    void giveUpTheNamesThatTheIngressDoesNotAskForOnly() {
        var web = new OwnedObject(CLUSTER, EndedKind.HOSTS.inTenant(), "shop", "web", "u-web");
        provisioning.has(
                web,
                tree("{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {uid: u-web},"
                        + " spec: {ingressClassName: public, rules: [{host: a.example.com}, {host: b.example.com}]}}"));
        host.client()
                .resource(new IngressClassBuilder()
                        .withNewMetadata()
                        .withName("public")
                        .addToLabels(InsulaLabels.SHARED, "true")
                        .endMetadata()
                        .withNewSpec()
                        .withController("example.com/ingress")
                        .endSpec()
                        .build())
                .create();
        var kept = hosts("acme", "web", "a.example.com", "c.example.com");
        var gone = hosts("acme", "gone", "d.example.com");
        var other = hosts("acme", "other", "e.example.com");
        other.edit(claim -> {
            claim.getMetadata().getAnnotations().put(InsulaLabels.NAME, "another");
            return claim;
        });

        await("what nobody has goes", () -> gone.get() == null);
        await("what is not asked for goes", () -> !kept.get().toString().contains("c.example.com"));
        assertThat(kept.get().toString()).contains("a.example.com");
        assertThat(kept.get().getMetadata().getLabels()).doesNotContainKey(InsulaLabels.ENDING);
        assertThat(other.get()).as("whose name is not its own").isNotNull();

        // marked by somebody who wants the name himself
        stolen.genericKubernetesResources(EndedKind.HOSTS.host())
                .withName(kept.get().getMetadata().getName())
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"labels\":{\"" + InsulaLabels.ENDING + "\":\"true\"}}}");
        var witness = hosts("acme", "witness", "f.example.com");
        await("a later one goes", () -> witness.get() == null);
        assertThat(kept.get().toString()).contains("a.example.com");

        provisioning.has(
                web, tree("{metadata: {uid: u-web}, spec: {ingressClassName: own, rules: [{host: a.example.com}]}}"));
        await("a class that is not the host's asks for nothing", () -> kept.get() == null);
    }

    private Resource<GenericKubernetesResource> hosts(String tenant, String ingress, String... names) {
        var own = new IngressBuilder()
                .withNewMetadata()
                .withName(ingress)
                .withNamespace("shop")
                .withUid("u-" + ingress)
                .endMetadata()
                .build();
        var claim = new GenericKubernetesResource();
        claim.setApiVersion("tenancy.insula.io/v1alpha1");
        claim.setKind("IngressHosts");
        claim.setMetadata(new ObjectMetaBuilder(new NameMap(new TenantId(tenant)).hostMeta("IngressHosts", own))
                .withNamespace(null)
                .addToLabels(InsulaLabels.ENDING, "true")
                .build());
        claim.setAdditionalProperty(
                "spec",
                Map.of(
                        "hosts",
                        Stream.of(names)
                                .map(name -> Map.of(
                                        "name", name, "since", Instant.now().toString()))
                                .toList()));
        stolen.genericKubernetesResources(EndedKind.HOSTS.host())
                .resource(claim)
                .create();
        return host.client()
                .genericKubernetesResources(EndedKind.HOSTS.host())
                .withName(claim.getMetadata().getName());
    }

    private static JsonNode tree(String yaml) {
        return Serialization.unmarshal("---\n" + yaml, JsonNode.class);
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
