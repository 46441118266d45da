package io.insula.controlplane.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.insula.controlplane.cluster.TestCluster;
import io.insula.controlplane.host.ControlPlaneUser;
import io.insula.controlplane.host.HostSetup;
import io.insula.syncer.kinds.Beans;
import io.insula.tenantapi.controllers.ControllerManagers;
import io.insula.tenantapi.server.ServerComponents;
import io.micronaut.context.ApplicationContext;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Somebody changes what stands around tenants, or what it is made from, by hand.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostDriftTest {

    private static final String ALL = "*";
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final ApplicationContext beans = ApplicationContext.run();
    private final Set<String> told = ConcurrentHashMap.newKeySet();
    private TestCluster host = unset();
    private KubernetesClient controlPlane = unset();
    private HostDrift drift = unset();

    @BeforeAll
    void start(@TempDir Path folder) {
        host = new TestCluster("host", folder, beans.getBean(ServerComponents.class), builder -> builder)
                .withControllers(beans.getBean(ControllerManagers.class));
        controlPlane = ControlPlaneUser.of(host);
        new HostSetup(controlPlane, Beans.profiles()).install();
        make("{apiVersion: v1, kind: Namespace, metadata: {name: insula-acme}}");
        drift = new HostDrift(controlPlane, told::add, () -> told.add(ALL));
        fence();
    }

    @AfterAll
    void stop() {
        drift.close();
        controlPlane.close();
        host.close();
        beans.close();
    }

    /// @param change a merge patch of what counts
    /// @param indifferent a merge patch of what does not; empty for none
    record Watched(String whose, String manifest, String change, String indifferent) {
        @Override
        public String toString() {
            return manifest.replaceAll(".*kind: (\\w+).*", "$1");
        }
    }

    static Stream<Watched> watched() {
        return Stream.of(
                new Watched(
                        "beta",
                        "{apiVersion: v1, kind: Namespace, metadata: {name: insula-beta, labels: {insula.io/tenant: beta}}}",
                        "{\"metadata\":{\"labels\":{\"pod-security.kubernetes.io/enforce\":\"privileged\"}}}",
                        ""),
                new Watched(
                        "acme",
                        "{apiVersion: v1, kind: ResourceQuota, metadata: " + MANAGED + ", spec: {hard: {pods: 5}}}",
                        "{\"spec\":{\"hard\":{\"pods\":\"6\"}}}",
                        "{\"status\":{\"used\":{\"pods\":\"1\"}}}"),
                new Watched(
                        "acme",
                        "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: " + MANAGED
                                + ", roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}}",
                        "{\"subjects\":[{\"apiGroup\":\"rbac.authorization.k8s.io\",\"kind\":\"User\",\"name\":\"eve\"}]}",
                        ""),
                new Watched(
                        ALL,
                        "{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicy, metadata: "
                                + MANAGED
                                + ", spec: {failurePolicy: Fail, matchConstraints: {resourceRules: [{apiGroups:"
                                + " [''], apiVersions: [v1], resources: [pods], operations: [CREATE]}]}, validations:"
                                + " [{expression: 'true'}]}}",
                        "{\"spec\":{\"failurePolicy\":\"Ignore\"}}",
                        ""),
                new Watched(
                        ALL,
                        "{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicyBinding, metadata: "
                                + MANAGED + ", spec: {policyName: insula, validationActions: [Deny]}}",
                        "{\"spec\":{\"validationActions\":[\"Audit\"]}}",
                        ""),
                new Watched(
                        ALL,
                        "{apiVersion: tenancy.insula.io/v1alpha1, kind: IsolationProfile, metadata: {name: mine}, spec:"
                                + " {sandbox: runc}}",
                        "{\"spec\":{\"podSecurity\":\"restricted\"}}",
                        ""),
                new Watched(
                        ALL,
                        "{apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: mine}, handler: x}",
                        "{\"scheduling\":{\"tolerations\":[{\"operator\":\"Exists\"}]}}",
                        ""),
                new Watched(
                        ALL,
                        "{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: mine}, value: 5}",
                        "{\"globalDefault\":true}",
                        ""));
    }

    private static final String MANAGED = "{name: insula, namespace: insula-acme, labels: {insula.io/tenant: acme,"
            + " insula.io/managed-by: insula-control-plane}}";

    @ParameterizedTest(name = "{0}")
    @MethodSource("watched")
    void tellsOfEveryChangeThatCounts(Watched each) {
        told.clear();
        var made = make(each.manifest());
        await(each + " is new", () -> told.contains(each.whose()));

        told.clear();
        host.client().resource(made).patch(PatchContext.of(PatchType.JSON_MERGE), each.change());
        await(each + " is changed", () -> told.contains(each.whose()));

        if (!each.indifferent().isEmpty()) {
            told.clear();
            host.client()
                    .resource(made)
                    .subresource("status")
                    .patch(PatchContext.of(PatchType.JSON_MERGE), each.indifferent());
            fenceQuotas();
            assertThat(told).containsExactly("fence");
        }
        told.clear();
        host.client().resource(made).delete();
        await(each + " is gone", () -> told.contains(each.whose()));
    }

    @Test
    void hearsNothingOfWhatIsNotItsOwn() {
        fence();
        told.clear();
        make("{apiVersion: v1, kind: Namespace, metadata: {name: others}}");
        make(
                "{apiVersion: v1, kind: ResourceQuota, metadata: {name: own, namespace: insula-acme}, spec: {hard: {pods: 5}}}");
        fence();
        fenceQuotas();

        assertThat(told).containsExactly("fence");
    }

    /// What came before by the watch of namespaces has been told when this has.
    private void fence() {
        fence("{apiVersion: v1, kind: Namespace, metadata: {generateName: fence-, labels: {insula.io/tenant: fence}}}");
    }

    private void fenceQuotas() {
        fence("{apiVersion: v1, kind: ResourceQuota, metadata: {generateName: fence-, namespace: insula-acme, labels:"
                + " {insula.io/tenant: fence, insula.io/managed-by: insula-control-plane}}, spec: {hard: {pods: 5}}}");
    }

    private void fence(String manifest) {
        told.remove("fence");
        make(manifest);
        await("a fence", () -> told.contains("fence"));
    }

    private HasMetadata make(String manifest) {
        var made = host.client()
                .load(new ByteArrayInputStream(("# YAML\n" + manifest).getBytes(StandardCharsets.UTF_8)))
                .items()
                .getFirst();
        return host.client().resource(made).create();
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
