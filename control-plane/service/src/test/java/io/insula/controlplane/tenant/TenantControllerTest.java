package io.insula.controlplane.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.insula.controlplane.audit.AuditTrail;
import io.insula.controlplane.audit.TestTrails;
import io.insula.controlplane.cluster.TestCluster;
import io.insula.controlplane.host.ControlPlaneUser;
import io.insula.controlplane.host.HostSetup;
import io.insula.process.ChildException;
import io.insula.syncer.kinds.Beans;
import io.insula.tenantapi.controllers.ControllerManagers;
import io.insula.tenantapi.metrics.LoopMetrics;
import io.insula.tenantapi.metrics.MetricRegistry;
import io.insula.tenantapi.server.ServerComponents;
import io.micronaut.context.ApplicationContext;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Against a real host API; nothing is started for tenants but what the test says.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TenantControllerTest {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final ApplicationContext beans = ApplicationContext.run();
    private final Provisioning provisioning = new Provisioning(ConcurrentHashMap.newKeySet(), _ -> {});
    private final MetricRegistry registry = new MetricRegistry();
    private TestCluster host = unset();
    private KubernetesClient controlPlane = unset();
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
                new LoopMetrics(registry));
    }

    @AfterAll
    void stop() {
        controller.close();
        audit.close();
        controlPlane.close();
        host.close();
        beans.close();
    }

    @Test
    void makesATenantRealAndIssuesItsKubeconfigs() throws Exception {
        assertThatThrownBy(() -> controller.kubeconfig("acme", "eve", List.of(), Duration.ofHours(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("does not run");
        create("acme", "runc");

        await(
                "Ready",
                () -> condition("acme", "Ready").filter(TenantCondition::holds).isPresent());

        assertThat(controller.isReady("acme")).isTrue();
        assertThat(controller.unsettled()).doesNotContain("acme");
        assertThat(controller.stuck()).doesNotContainKey("acme");
        var endpoint = tenant("acme").getStatus().endpoint();
        var issued = controller.kubeconfig("acme", "eve", List.of("viewers"), Duration.ofHours(1));
        assertThat(issued.yaml()).contains(endpoint, "eve").doesNotContain("system:masters");
        var syncers = certificate(Objects.requireNonNull(provisioning.attached().get("acme")));
        assertThat(syncers.getSubjectX500Principal().getName())
                .as("no master's")
                .isEqualTo("CN=insula:syncer,O=insula:syncer");
        assertThat(syncers.getNotAfter().toInstant()).isBefore(Instant.now().plus(Duration.ofHours(25)));
    }

    @Test
    void leavesTheControllersToOthersWhileTheTenantSaysSo() {
        create("free", "runc");
        await("Ready", () -> controller.isReady("free"));
        assertThat(provisioning.withControllers()).contains("free");

        controllers("free", "external");
        await("none of ours", () -> !provisioning.withControllers().contains("free"));
        controllers("free", "builtin");
        await("ours again", () -> provisioning.withControllers().contains("free"));
    }

    private void controllers(String tenant, String whose) {
        host.client()
                .resources(Tenant.class)
                .withName(tenant)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"controllers\":\"" + whose + "\"}}");
    }

    /// A person must act: nobody waits for it, and the status says what to do.
    @Test
    void tellsOfAStoreThatDoesNotStartAtOnceAndGoesOnTrying() {
        provisioning.fail("etcd rotten", new ChildException("etcd rotten ended while starting: wal: crc mismatch"));
        create("rotten", "runc");

        await(
                "told",
                () -> condition("rotten", "Ready")
                        .filter(c -> c.reason().equals("EtcdCorrupt"))
                        .isPresent());
        assertThat(condition("rotten", "Provisioned").orElseThrow().holds()).isFalse();
        assertThat(condition("rotten", "Accepted").orElseThrow().holds()).isTrue();
        await("nobody waits for it", () -> !controller.unsettled().contains("rotten"));
        assertThat(controller.stuck().get("rotten")).contains("crc mismatch", "backup");
        await(
                "it is counted",
                () -> Pattern.compile(
                                "insula_reconcile_duration_seconds_count\\{loop=\"tenants\",outcome=\"failed\"} [1-9]")
                        .matcher(metrics())
                        .find());

        provisioning.heal("etcd rotten");
        await("it is ready by itself", () -> controller.isReady("rotten"));
        await("nothing is said any more", () -> !controller.stuck().containsKey("rotten"));
    }

    /// The store is as it was: whoever frees space needs no backup.
    @Test
    void tellsAFullDiskFromADamagedStore() {
        provisioning.fail(
                "etcd cramped",
                new ChildException(
                        "etcd cramped ended while starting: wal: failed to create: No space left on device"));
        create("cramped", "runc");

        await(
                "told",
                () -> condition("cramped", "Ready")
                        .filter(c -> c.reason().equals("EtcdDiskFull"))
                        .isPresent());
        await("nobody waits for it", () -> controller.stuck().containsKey("cramped"));
        assertThat(controller.stuck().get("cramped")).contains("free space").doesNotContain("backup");

        provisioning.heal("etcd cramped");
        await("it is ready by itself", () -> controller.isReady("cramped"));
        await(
                "both were told, on the host too",
                () -> events("cramped").containsAll(List.of("Warning EtcdDiskFull", "Normal Ready")));
        assertThat(events("cramped")).as("once each").doesNotHaveDuplicates();
    }

    /// Most likely the next attempt succeeds: it is waited for, up to a point.
    @Test
    void waitsForAFewFailuresOnly() {
        provisioning.fail("attach slow", new IllegalStateException("the host is away"));
        create("slow", "runc");

        await(
                "told",
                () -> condition("slow", "Ready")
                        .filter(c ->
                                c.reason().equals("Retrying") && c.message().equals("the host is away"))
                        .isPresent());
        assertThat(condition("slow", "Provisioned").orElseThrow().holds()).isTrue();
        await("patience ends", () -> controller.stuck().containsKey("slow"));
        assertThat(controller.unsettled()).doesNotContain("slow");
        assertThat(metrics())
                .as("failures in a row are counted by the loop: they have added up to the patience")
                .containsPattern(
                        "insula_reconcile_duration_seconds_count\\{loop=\"tenants\",outcome=\"failed\"} ([5-9]|\\d\\d)");

        provisioning.heal("attach slow");
        await("it is ready by itself", () -> provisioning.attached().containsKey("slow"));
        await("nothing is said any more", () -> !controller.stuck().containsKey("slow"));
    }

    @Test
    void startsNothingForATenantThatMakesNoSense() {
        create("odd", "no-such-profile");

        await(
                "refused",
                () -> condition("odd", "Accepted")
                        .filter(c -> c.reason().equals("UnknownProfile"))
                        .isPresent());
        assertThat(condition("odd", "Ready").orElseThrow().holds()).isFalse();
        assertThat(tenant("odd").getFinalizers()).isEmpty();
        assertThat(provisioning.servers()).doesNotContain("odd");
        await("nobody waits for it", () -> !controller.unsettled().contains("odd"));
    }

    @Test
    void makesTheNamespaceAgainAndLeavesNothingOfATenantThatIsDeleted() {
        create("gone", "runc");
        await("Ready", () -> controller.isReady("gone"));
        var uid = namespaceUid("gone");
        host.client().namespaces().withName("insula-gone").delete();
        await(
                "another namespace",
                () -> !namespaceUid("gone").isEmpty() && !namespaceUid("gone").equals(uid));

        host.client().resources(Tenant.class).withName("gone").delete();

        await("gone", () -> find("gone").isEmpty());
        assertThat(namespaceUid("gone")).isEmpty();
        assertThat(provisioning.servers()).doesNotContain("gone");
        assertThat(controller.isReady("gone")).isFalse();
    }

    /// Whoever asks first after it may have them.
    @Test
    void givesUpTheNamesOfTheOutsideOfATenantThatIsDeleted() {
        create("named", "runc");
        create("other", "runc");
        await("Ready", () -> controller.isReady("named") && controller.isReady("other"));
        claim("named", "shop.example.com");
        claim("other", "bank.example.com");

        host.client().resources(Tenant.class).withName("named").delete();
        await("gone", () -> find("named").isEmpty());

        assertThat(claims().list().getItems())
                .extracting(claim -> claim.getMetadata().getName())
                .contains("other-claim")
                .doesNotContain("named-claim");
    }

    /// Names are given up last: before, something of it may still answer for them.
    @Test
    void keepsTheNamesOfATenantWhoseNamespaceIsStillThere() {
        create("slowly", "runc");
        await("Ready", () -> controller.isReady("slowly"));
        claim("slowly", "slow.example.com");
        host.client().namespaces().withName("insula-slowly").edit(namespace -> {
            namespace.getMetadata().setFinalizers(List.of("example.com/wait"));
            return namespace;
        });
        host.client().resources(Tenant.class).withName("slowly").delete();
        await(
                "the namespace is going",
                () -> host.client().namespaces().withName("insula-slowly").get().isMarkedForDeletion());
        create("fence", "runc");
        await("something later is done", () -> controller.isReady("fence"));
        assertThat(claims().withName("slowly-claim").get()).isNotNull();

        host.client().namespaces().withName("insula-slowly").edit(namespace -> {
            namespace.getMetadata().setFinalizers(List.of());
            return namespace;
        });
        await("gone", () -> find("slowly").isEmpty());
        assertThat(claims().withName("slowly-claim").get()).isNull();
    }

    private void claim(String tenant, String host) {
        var claim = new GenericKubernetesResource();
        claim.setApiVersion("tenancy.insula.io/v1alpha1");
        claim.setKind("IngressHosts");
        claim.setMetadata(new ObjectMetaBuilder()
                .withName(tenant + "-claim")
                .addToLabels("insula.io/tenant", tenant)
                .addToAnnotations("insula.io/tenant", tenant)
                .build());
        claim.setAdditionalProperty(
                "spec", Map.of("hosts", List.of(Map.of("name", host, "since", "2026-01-01T00:00:00Z"))));
        claims().resource(claim).create();
    }

    private NonNamespaceOperation<
                    GenericKubernetesResource, GenericKubernetesResourceList, Resource<GenericKubernetesResource>>
            claims() {
        return host.client()
                .genericKubernetesResources(new ResourceDefinitionContext.Builder()
                        .withGroup("tenancy.insula.io")
                        .withVersion("v1alpha1")
                        .withKind("IngressHosts")
                        .withPlural("ingresshosts")
                        .withNamespaced(false)
                        .build());
    }

    /// How far they are is told, and keeps no tenant from being ready.
    @Test
    void givesATenantTheShareOfItsSpec() {
        create("busy", "runc");
        await("Ready", () -> controller.isReady("busy"));
        await("its share", () -> provisioning.share("busy") == 1);

        assertThatThrownBy(() -> weigh("busy", 0))
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(422));
        weigh("busy", 7);
        await("weighed", () -> provisioning.share("busy") == 7);
    }

    private void weigh(String tenant, int weight) {
        host.client()
                .resources(Tenant.class)
                .withName(tenant)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"weight\":" + weight + "}}");
    }

    @Test
    void opensCustomKindsAndTellsHowFarTheyAre() {
        create("maker", "runc");
        await("Ready", () -> controller.isReady("maker"));
        assertThat(condition("maker", "CustomKindsSynced")).isEmpty();

        sync(
                "maker",
                "[{\"group\":\"apps.k8s.io\",\"version\":\"v1\",\"kind\":\"Widget\",\"plural\":\"widgets\"}]",
                true);
        sync("maker", WIDGETS, false);
        await(
                "it is attached with them",
                () -> provisioning.synced("maker").rules().size() == 1);
        await("told", () -> isTold("maker", true, "Synced", "widgets.example.com"));
        provisioning.say(
                "maker",
                new KindState(
                        "widgets.example.com", false, "the host does not serve widgets of example.com/v1", true, 0));
        await("told what is missing", () -> isTold("maker", false, "NotServed", "the host does not serve widgets"));
        assertThat(controller.isReady("maker")).isTrue();
        provisioning.say("maker", new KindState("widgets.example.com", false, "", false, 2));
        await("told that nothing is", () -> isTold("maker", true, "Synced", "widgets.example.com"));

        sync("maker", "[]", false);
        await("it is leaving", () -> provisioning.synced("maker").leaving().size() == 1);
        provisioning.say("maker", new KindState("widgets.example.com", true, "", false, 2));
        await("told how much", () -> isTold("maker", false, "Leaving", "2 of its objects are still to go"));
        provisioning.say("maker", new KindState("widgets.example.com", true, "", true, 0));
        await("nothing is left", () -> isTold("maker", true, "None", ""));
        await("not even the syncer's", () -> provisioning.synced("maker").equals(SyncedKinds.NONE));
        assertThat(host.client()
                        .rbac()
                        .roles()
                        .inNamespace("insula-maker")
                        .withName(HostKinds.ROLE)
                        .get())
                .isNull();
    }

    private static final String WIDGETS =
            "[{\"group\":\"example.com\",\"version\":\"v1\",\"kind\":\"Widget\",\"plural\":\"widgets\"}]";

    /// The host itself refuses what no rule may open.
    private void sync(String tenant, String rules, boolean refused) {
        var patch = "{\"spec\":{\"sync\":{\"customKinds\":" + rules + "}}}";
        var object = host.client().resources(Tenant.class).withName(tenant);
        if (refused) {
            assertThatThrownBy(() -> object.patch(PatchContext.of(PatchType.JSON_MERGE), patch))
                    .hasMessageContaining("is a group that a rule may not open");
        } else {
            object.patch(PatchContext.of(PatchType.JSON_MERGE), patch);
        }
    }

    private boolean isTold(String tenant, boolean holds, String reason, String message) {
        return condition(tenant, "CustomKindsSynced")
                .filter(told -> told.holds() == holds
                        && told.reason().equals(reason)
                        && told.message().contains(message))
                .isPresent();
    }

    private String namespaceUid(String tenant) {
        return Optional.ofNullable(
                        host.client().namespaces().withName("insula-" + tenant).get())
                .map(namespace -> namespace.getMetadata().getUid())
                .orElse("");
    }

    private void create(String name, String profile) {
        var tenant = new Tenant();
        tenant.getMetadata().setName(name);
        tenant.setSpec(new TenantSpec(profile));
        host.client().resource(tenant).create();
    }

    private static X509Certificate certificate(String kubeconfig) throws CertificateException {
        byte[] pem =
                Base64.getDecoder().decode(Config.fromKubeconfig(kubeconfig).getClientCertData());
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem));
    }

    private Optional<TenantCondition> condition(String tenant, String type) {
        return find(tenant)
                .flatMap(found -> Optional.ofNullable(found.getStatus()))
                .flatMap(s -> s.condition(type));
    }

    private Tenant tenant(String name) {
        return find(name).orElseThrow();
    }

    private Optional<Tenant> find(String name) {
        return Optional.ofNullable(
                host.client().resources(Tenant.class).withName(name).get());
    }

    private List<String> events(String tenant) {
        return host.client().v1().events().inNamespace("default").list().getItems().stream()
                .filter(event -> event.getInvolvedObject().getKind().equals("Tenant")
                        && event.getInvolvedObject().getName().equals(tenant))
                .map(event -> event.getType() + " " + event.getReason())
                .toList();
    }

    private String metrics() {
        return new String(registry.text(), StandardCharsets.UTF_8);
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
