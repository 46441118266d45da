package io.insula.controlplane.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.controlplane.cluster.TestCluster;
import io.insula.controlplane.host.ControlPlaneUser;
import io.insula.controlplane.host.HostSetup;
import io.insula.isolation.ProfileSettings;
import io.insula.syncer.custom.CustomKind;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.kinds.Beans;
import io.insula.tenantapi.controllers.ControllerManagers;
import io.insula.tenantapi.server.ServerComponents;
import io.micronaut.context.ApplicationContext;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// What the rules of a tenant open on the host, tried by somebody who has stolen the syncer's credential.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostKindsTest {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final List<CustomKind> WIDGETS = rules("v1");

    private final ApplicationContext beans = ApplicationContext.run();
    private TestCluster host = unset();
    private KubernetesClient controlPlane = unset();
    private KubernetesClient stolen = unset();
    private HostNamespaces namespaces = unset();
    private HostKinds kinds = unset();

    @BeforeAll
    void start(@TempDir Path folder) {
        host = new TestCluster("host", folder, beans.getBean(ServerComponents.class), builder -> builder)
                .withControllers(beans.getBean(ControllerManagers.class));
        controlPlane = ControlPlaneUser.of(host);
        new HostSetup(controlPlane, Beans.profiles()).install();
        stolen = new KubernetesClientBuilder()
                .withConfig(host.config(InsulaLabels.SYNCER, List.of()))
                .build();
        namespaces = new HostNamespaces(controlPlane, Beans.profiles());
        kinds = new HostKinds(controlPlane);
        List.of("acme", "globex", "kept", "going").forEach(this::open);
        List.of("widgets", "gadgets").forEach(this::define);
    }

    @AfterAll
    void stop() {
        stolen.close();
        controlPlane.close();
        host.close();
        beans.close();
    }

    @Test
    void opensTheKindsOfTheRulesInTheNamespaceOfTheTenantAndNothingElse() {
        refused(() -> create("widgets", "insula-acme", "early"));

        assertThat(kinds.ensure("acme", WIDGETS, List.of()).rules()).isEqualTo(WIDGETS);
        assertThatCode(() -> create("widgets", "insula-acme", "w")).doesNotThrowAnyException();
        assertThat(stolen.genericKubernetesResources(context("widgets"))
                        .inNamespace("insula-acme")
                        .list()
                        .getItems())
                .hasSize(1);

        for (var namespace : List.of("insula-globex", "default", "kube-system")) {
            refused(() -> create("widgets", namespace, "theirs"));
            refused(() -> stolen.genericKubernetesResources(context("widgets"))
                    .inNamespace(namespace)
                    .list());
        }
        refused(() -> stolen.genericKubernetesResources(context("widgets"))
                .inAnyNamespace()
                .list());
        refused(() -> create("gadgets", "insula-acme", "another-kind"));
        refused(() -> stolen.genericKubernetesResources(context("widgets"))
                .inNamespace("insula-acme")
                .withName("w")
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\":{\"ready\":true}}"));
        refused(() -> stolen.resources(CustomResourceDefinition.class).list());
        refused(() -> stolen.rbac()
                .roles()
                .inNamespace("insula-acme")
                .withName(HostKinds.ROLE)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"rules\":[]}"));
        assertThatThrownBy(() -> stolen.namespaces()
                        .withName("insula-acme")
                        .patch(
                                PatchContext.of(PatchType.JSON_MERGE),
                                "{\"metadata\":{\"annotations\":{\"" + HostKinds.NOTE + "\":\"\"}}}"))
                .as("that it is forgotten what may be there")
                .hasMessageContaining("metadata.annotations");
    }

    @Test
    void closesThemWhenNothingOfThemIsLeft() {
        kinds.ensure("going", WIDGETS, List.of());

        var leaving = kinds.ensure("going", List.of(), List.of());
        assertThat(leaving.rules()).isEmpty();
        assertThat(leaving.leaving()).extracting(CustomKind::definition).containsExactly("widgets.example.com");
        assertThatCode(() -> create("widgets", "insula-going", "w"))
                .as("to be removed")
                .doesNotThrowAnyException();
        assertThat(kinds.ensure("going", List.of(), List.of("gadgets.example.com"))
                        .leaving())
                .as("whatever else is gone")
                .hasSize(1);

        assertThat(kinds.ensure("going", List.of(), List.of("widgets.example.com"))
                        .all())
                .isEmpty();
        refused(() -> create("widgets", "insula-going", "late"));
        assertThat(kinds.ensure("going", List.of(), List.of()).all()).isEmpty();
        assertThat(kinds.ensure("going", rules("v2"), List.of()).leaving()).isEmpty();
        assertThat(kinds.ensure("going", WIDGETS, List.of()).leaving())
                .as("another version is the same objects")
                .isEmpty();
    }

    @Test
    void putsRightWhatIsChangedByHand() {
        kinds.ensure("kept", WIDGETS, List.of());
        var role = host.client().rbac().roles().inNamespace("insula-kept").withName(HostKinds.ROLE);
        var before = role.get().getRules();
        role.patch(
                PatchContext.of(PatchType.JSON_MERGE),
                "{\"rules\":[{\"apiGroups\":[\"*\"],\"resources\":[\"*\"],\"verbs\":[\"*\"]}]}");
        host.client()
                .rbac()
                .roleBindings()
                .inNamespace("insula-kept")
                .withName(HostKinds.ROLE)
                .delete();

        kinds.ensure("kept", WIDGETS, List.of());

        assertThat(role.get().getRules()).isEqualTo(before);
        assertThatCode(() -> create("widgets", "insula-kept", "w")).doesNotThrowAnyException();
    }

    /// As other kinds do, so that one tenant does not fill the host's store.
    @Test
    void countOnTheHost() {
        var rules = new TenantSpec.SyncPolicy(
                List.of(Map.of("group", "example.com", "version", "v1", "kind", "Widget", "plural", "widgets")));
        var spec = new TenantSpec("runc", null, null, null, null, null, null, null, null, rules, null, null);

        var usual = HostQuota.of(profiles(), spec.tenantLimits());
        var asked = HostQuota.of(profiles(), TenantLimits.of(Map.of("count/widgets.example.com", 3), WIDGETS));

        assertThat(usual).containsEntry("count/widgets.example.com", new Quantity("1000"));
        assertThat(asked).containsEntry("count/widgets.example.com", new Quantity("3"));
        assertThat(HostQuota.of(profiles(), TenantLimits.of(Map.of("count/leases.coordination.k8s.io", 3), List.of())))
                .as("of which the host has its own")
                .doesNotContainKey("count/leases.coordination.k8s.io");
    }

    /// A quota that names a kind before the host has it would refuse its first objects for minutes.
    @Test
    void countWhenTheHostServesThem() {
        var rules = List.of("widgets", "gizmos").stream()
                .map(plural -> Map.<String, Object>of(
                        "group", "example.com", "version", "v1", "kind", kind(plural), "plural", plural))
                .toList();
        var tenant = new Tenant();
        tenant.getMetadata().setName("counting");
        tenant.getMetadata().setUid("u");
        tenant.setSpec(new TenantSpec(
                "runc", null, null, null, null, null, null, null, null, new TenantSpec.SyncPolicy(rules), null, null));

        namespaces.ensure(
                tenant,
                () -> new ProfileSource.Choice(
                        new ProfileSource.Profile("runc", Map.of("sandbox", "runc")),
                        List.of(),
                        tenant.getSpec().tenantLimits()));

        assertThat(host.client()
                        .resourceQuotas()
                        .inNamespace("insula-counting")
                        .withName("insula")
                        .get()
                        .getSpec()
                        .getHard())
                .containsKey("count/widgets.example.com")
                .doesNotContainKey("count/gizmos.example.com");
    }

    /// Cluster-scoped ones are read by the one credential of all tenants: what some tenant is shown, and for as long.
    @Test
    void letsKindsBeReadThatSomeTenantIsShown() {
        define("offers", "Cluster");
        define("plans", "Cluster");
        refused(() -> list("offers"));

        kinds.ensure("kept", shown("offers"), List.of());
        kinds.ensure("acme", shown("offers"), List.of());
        assertThatCode(() -> list("offers")).doesNotThrowAnyException();
        refused(() -> list("plans"));
        var written = new GenericKubernetesResource();
        written.setApiVersion("example.com/v1");
        written.setKind("Offer");
        written.setMetadata(new ObjectMetaBuilder().withName("mine").build());
        refused(() -> stolen.genericKubernetesResources(cluster("offers"))
                .resource(written)
                .create());
        refused(() -> stolen.rbac()
                .clusterRoles()
                .withName(HostKinds.SHOWN_ROLE)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"rules\":[{\"apiGroups\":[\"\"],\"resources\":[\"secrets\"],\"verbs\":[\"list\"]}]}"));
        assertThat(kinds.ensure("kept", rules("v1", "offers"), List.of()).rules())
                .as("of another direction begins when this one has ended")
                .isEmpty();

        kinds.ensure("kept", List.of(), List.of("offers.example.com"));
        assertThatCode(() -> list("offers")).as("acme is shown them").doesNotThrowAnyException();
        kinds.ensure("acme", List.of(), List.of("offers.example.com"));
        refused(() -> list("offers"));
    }

    private List<GenericKubernetesResource> list(String plural) {
        return stolen.genericKubernetesResources(cluster(plural)).list().getItems();
    }

    private static ResourceDefinitionContext cluster(String plural) {
        return new ResourceDefinitionContext.Builder()
                .withGroup("example.com")
                .withVersion("v1")
                .withKind(kind(plural))
                .withPlural(plural)
                .withNamespaced(false)
                .build();
    }

    private static List<CustomKind> shown(String plural) {
        return CustomKind.read(
                "rules",
                List.of(Map.of(
                        "group",
                        "example.com",
                        "version",
                        "v1",
                        "kind",
                        kind(plural),
                        "plural",
                        plural,
                        "direction",
                        "up")));
    }

    private static List<ProfileSettings> profiles() {
        return List.of(Beans.settings("runc"));
    }

    private void open(String tenant) {
        var object = new Tenant();
        object.getMetadata().setName(tenant);
        object.getMetadata().setUid("u-" + tenant);
        object.setSpec(new TenantSpec("runc"));
        namespaces.ensure(
                object,
                () -> new ProfileSource.Choice(
                        new ProfileSource.Profile("runc", Map.of("sandbox", "runc")), List.of()));
    }

    private void define(String plural) {
        define(plural, "Namespaced");
    }

    private void define(String plural, String scope) {
        host.client()
                .resource(Serialization.unmarshal(
                        """
                        apiVersion: apiextensions.k8s.io/v1
                        kind: CustomResourceDefinition
                        metadata: {name: %1$s.example.com}
                        spec:
                          group: example.com
                          scope: %3$s
                          names: {kind: %2$s, plural: %1$s}
                          versions:
                          - name: v1
                            served: true
                            storage: true
                            subresources: {status: {}}
                            schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
                        """.formatted(plural, kind(plural), scope), CustomResourceDefinition.class))
                .create();
        await(
                plural + " are served",
                () -> host.client().getApiResources("example.com/v1") != null
                        && host.client().getApiResources("example.com/v1").getResources().stream()
                                .anyMatch(each -> each.getName().equals(plural)));
    }

    private void create(String plural, String namespace, String name) {
        var object = new GenericKubernetesResource();
        object.setApiVersion("example.com/v1");
        object.setKind(kind(plural));
        object.setMetadata(new ObjectMetaBuilder().withName(name).build());
        stolen.genericKubernetesResources(context(plural))
                .inNamespace(namespace)
                .resource(object)
                .create();
    }

    private static String kind(String plural) {
        return Map.of("widgets", "Widget", "offers", "Offer", "plans", "Plan").getOrDefault(plural, "Gadget");
    }

    private static ResourceDefinitionContext context(String plural) {
        return new ResourceDefinitionContext.Builder()
                .withGroup("example.com")
                .withVersion("v1")
                .withKind(kind(plural))
                .withPlural(plural)
                .withNamespaced(true)
                .build();
    }

    private static void refused(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(403));
    }

    private static List<CustomKind> rules(String version) {
        return rules(version, "widgets");
    }

    private static List<CustomKind> rules(String version, String plural) {
        return CustomKind.read(
                "rules",
                List.of(Map.of("group", "example.com", "version", version, "kind", kind(plural), "plural", plural)));
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
