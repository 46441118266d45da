package io.insula.tenantapi.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.auth.Attributes;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.fake.FakeObjectClient;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.rbac.RbacAuthorizer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class BootstrapTest {

    private static final String RBAC = "rbac.authorization.k8s.io";
    private static final GroupVersionResource CLUSTER_ROLES = new GroupVersionResource(RBAC, "v1", "clusterroles");
    private static final GroupVersionResource BINDINGS = new GroupVersionResource(RBAC, "v1", "clusterrolebindings");
    private static final GroupVersionResource ENDPOINTS = FakeObjectClient.core("endpoints");

    private final FakeObjectClient store = new FakeObjectClient();
    private final BootstrapConfig config = new BootstrapConfig(
            "10.96.0.1", List.of("10.96.0.0/16"), "192.0.2.7", 6443, Map.of("client-ca-file", "PEM"));

    @Test
    void createsWhatEveryClusterHas() {
        run(config);

        assertThat(names(FakeObjectClient.core("namespaces")))
                .containsExactlyInAnyOrder("default", "kube-system", "kube-public", "kube-node-lease");
        assertThat(names(new GroupVersionResource("scheduling.k8s.io", "v1", "priorityclasses")))
                .containsExactlyInAnyOrder("system-cluster-critical", "system-node-critical");
        assertThat(names(new GroupVersionResource("flowcontrol.apiserver.k8s.io", "v1", "prioritylevelconfigurations")))
                .hasSize(8);
        assertThat(names(new GroupVersionResource("flowcontrol.apiserver.k8s.io", "v1", "flowschemas")))
                .hasSize(13);
        assertThat(names(CLUSTER_ROLES))
                .hasSizeGreaterThan(60)
                .contains("cluster-admin", "admin", "edit", "view", "system:controller:job-controller");
        JsonNode service = store.get(FakeObjectClient.core("services"), "default", "kubernetes")
                .orElseThrow();
        assertThat(service.path("spec").path("clusterIP").asText()).isEqualTo("10.96.0.1");
        assertThat(store.get(FakeObjectClient.core("configmaps"), "kube-system", "extension-apiserver-authentication")
                        .orElseThrow()
                        .path("data")
                        .path("client-ca-file")
                        .asText())
                .isEqualTo("PEM");
    }

    @Test
    void writesNothingTheSecondTime() {
        run(config);
        int writes = store.writes();
        run(config);

        assertThat(store.writes()).isEqualTo(writes);
    }

    @Test
    void followsTheServerToAnotherAddress() {
        run(config);
        run(new BootstrapConfig("10.96.0.1", List.of("10.96.0.0/16"), "192.0.2.8", 7443, Map.of()));

        JsonNode subset = store.get(ENDPOINTS, "default", "kubernetes")
                .orElseThrow()
                .path("subsets")
                .path(0);
        assertThat(subset.path("addresses").path(0).path("ip").asText()).isEqualTo("192.0.2.8");
        assertThat(subset.path("ports").path(0).path("port").asInt()).isEqualTo(7443);
    }

    @Test
    void givesBackWhatWasTakenAndKeepsWhatWasAdded() {
        run(config);
        ObjectNode role = store.get(CLUSTER_ROLES, "", "system:kube-dns").orElseThrow();
        role.putArray("rules").add(RuleLine.parse("get @ pods"));
        store.update(CLUSTER_ROLES, "", "", role);
        ObjectNode binding = store.get(BINDINGS, "", "cluster-admin").orElseThrow();
        binding.putArray("subjects").addObject().put("kind", "User").put("name", "ops");
        store.update(BINDINGS, "", "", binding);
        run(config);

        assertThat(store.get(CLUSTER_ROLES, "", "system:kube-dns").orElseThrow().path("rules"))
                .containsExactly(RuleLine.parse("get @ pods"), RuleLine.parse("list watch @ endpoints services"));
        assertThat(store.get(BINDINGS, "", "cluster-admin")
                        .orElseThrow()
                        .path("subjects")
                        .valueStream()
                        .map(subject -> subject.path("name").asText()))
                .containsExactly("ops", "system:masters");
    }

    @Test
    void leavesAloneWhatOptedOut() {
        run(config);
        ObjectNode role = store.get(CLUSTER_ROLES, "", "system:basic-user").orElseThrow();
        role.putArray("rules");
        Meta.of(role).withObjectProperty("annotations").put("rbac.authorization.kubernetes.io/autoupdate", "false");
        store.update(CLUSTER_ROLES, "", "", role);
        run(config);

        assertThat(store.get(CLUSTER_ROLES, "", "system:basic-user")
                        .orElseThrow()
                        .path("rules"))
                .isEmpty();
    }

    @Test
    void replacesABindingThatPointsToAnotherRole() {
        run(config);
        store.delete(BINDINGS, "", "system:discovery", Json.object());
        store.with(
                BINDINGS,
                "{metadata: {name: 'system:discovery'}, roleRef: {apiGroup: rbac.authorization.k8s.io,"
                        + " kind: ClusterRole, name: cluster-admin}, subjects: [{kind: User, name: eve}]}");
        run(config);

        assertThat(store.get(BINDINGS, "", "system:discovery")
                        .orElseThrow()
                        .path("roleRef")
                        .path("name")
                        .asText())
                .isEqualTo("system:discovery");
    }

    @Test
    void aggregatesAlsoTheTenantsOwnRoles() {
        store.with(
                CLUSTER_ROLES,
                "{metadata: {name: widgets-view, labels: {rbac.authorization.k8s.io/aggregate-to-view: 'true'}},"
                        + " rules: [{verbs: [get], apiGroups: [acme.com], resources: [widgets]}]}");
        run(config);

        for (String name : List.of("view", "edit", "admin")) {
            assertThat(store.get(CLUSTER_ROLES, "", name)
                            .orElseThrow()
                            .path("rules")
                            .toString())
                    .as(name)
                    .contains("widgets")
                    .contains("configmaps");
        }
        assertThat(store.get(CLUSTER_ROLES, "", "view")
                        .orElseThrow()
                        .path("rules")
                        .toString())
                .doesNotContain("secrets");
    }

    @Test
    void grantsWhatUpstreamGrants() {
        run(config);
        store.with(
                new GroupVersionResource(RBAC, "v1", "rolebindings"),
                "{metadata: {name: v, namespace: shop}, roleRef: {kind: ClusterRole, name: view},"
                        + " subjects: [{kind: User, name: vera}]}",
                "{metadata: {name: e, namespace: shop}, roleRef: {kind: ClusterRole, name: edit},"
                        + " subjects: [{kind: User, name: ed}]}");
        try (var rbac = new RbacAuthorizer(() -> store)) {
            assertThat(may(rbac, "vera", "get", "", "pods")).isTrue();
            assertThat(may(rbac, "vera", "get", "", "secrets")).isFalse();
            assertThat(may(rbac, "vera", "create", "", "pods")).isFalse();
            assertThat(may(rbac, "ed", "create", "apps", "deployments")).isTrue();
            assertThat(may(rbac, "ed", "create", RBAC, "rolebindings")).isFalse();
            assertThat(may(rbac, "system:kube-scheduler", "update", "", "nodes"))
                    .isFalse();
            assertThat(may(rbac, "system:serviceaccount:kube-system:job-controller", "create", "", "pods"))
                    .isTrue();
            assertThat(may(rbac, "system:serviceaccount:shop:job-controller", "create", "", "pods"))
                    .isFalse();
            assertThat(may(rbac, "nobody", "create", "authorization.k8s.io", "selfsubjectaccessreviews"))
                    .isTrue();
        }
    }

    @Test
    void refusesRuleLinesThatWouldGrantMoreThanTheySay() {
        assertThatThrownBy(() -> RuleLine.parse("get @ pods deployments.apps"))
                .hasMessageContaining("each resource in each group");
        assertThatThrownBy(() -> RuleLine.parse("get pods")).hasMessageContaining("expected: verbs @ resources");
    }

    @Test
    void bindsEveryControllerRoleToItsServiceAccount() {
        run(config);
        Set<String> roles = startingWith(names(CLUSTER_ROLES), "system:controller:");

        assertThat(startingWith(names(BINDINGS), "system:controller:")).isEqualTo(roles);
        assertThat(roles).hasSize(37);
    }

    private void run(BootstrapConfig with) {
        InstantSource clock = Instant::now;
        new Bootstrap(store, with, clock).run();
    }

    private static boolean may(RbacAuthorizer rbac, String user, String verb, String group, String resource) {
        var info = new UserInfo(user, "", List.of(UserInfo.AUTHENTICATED), Map.of());
        return rbac.authorize(new Attributes(info, verb, group, "v1", resource, "", "shop", "", ""))
                .allowed();
    }

    private List<String> names(GroupVersionResource resource) {
        return store.list(resource, "", ObjectClient.Query.ALL).items().stream()
                .map(Meta::name)
                .toList();
    }

    private static Set<String> startingWith(List<String> names, String prefix) {
        return names.stream().filter(name -> name.startsWith(prefix)).collect(Collectors.toCollection(TreeSet::new));
    }
}
