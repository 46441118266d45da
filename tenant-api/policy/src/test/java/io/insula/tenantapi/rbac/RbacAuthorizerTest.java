package io.insula.tenantapi.rbac;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.auth.Attributes;
import io.insula.tenantapi.auth.Authorizer;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.fake.FakeObjectClient;
import io.insula.tenantapi.registry.AdmissionPlugin;
import io.insula.tenantapi.registry.AdmissionPlugin.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RbacAuthorizerTest {

    private static final String GROUP = "rbac.authorization.k8s.io";
    private static final GroupVersionResource ROLES = rbac("roles");
    private static final GroupVersionResource ROLE_BINDINGS = rbac("rolebindings");
    private static final GroupVersionResource CLUSTER_ROLES = rbac("clusterroles");
    private static final GroupVersionResource CLUSTER_ROLE_BINDINGS = rbac("clusterrolebindings");
    private static final UserInfo ALICE = user("alice");

    private final FakeObjectClient store = new FakeObjectClient()
            .with(
                    CLUSTER_ROLES,
                    "{metadata: {name: reader}, rules: [{verbs: [get, list], apiGroups: [''], resources: [pods]}]}",
                    "{metadata: {name: one-secret}, rules: [{verbs: ['*'], apiGroups: [''], resources: [secrets],"
                            + " resourceNames: [tls]}]}",
                    "{metadata: {name: scaler}, rules: [{verbs: [update], apiGroups: ['*'], resources: ['*/scale']}]}",
                    "{metadata: {name: logs}, rules: [{verbs: [get], apiGroups: [''], resources: [pods/log]}]}",
                    "{metadata: {name: urls}, rules: [{verbs: [get], nonResourceURLs: [/metrics, '/healthz/*']}]}",
                    "{metadata: {name: root}, rules: [{verbs: ['*'], apiGroups: ['*'], resources: ['*']},"
                            + " {verbs: ['*'], nonResourceURLs: ['*']}]}")
            .with(
                    ROLES,
                    "{metadata: {name: editor, namespace: shop}, rules: [{verbs: ['*'], apiGroups: [apps],"
                            + " resources: [deployments]}]}")
            .with(
                    CLUSTER_ROLE_BINDINGS,
                    clusterBinding("readers", "reader", "Group", "readers"),
                    clusterBinding("secret", "one-secret", "User", "alice"),
                    clusterBinding("scale", "scaler", "User", "alice"),
                    clusterBinding("urls", "urls", "User", "alice"),
                    clusterBinding("root", "root", "User", "root"),
                    clusterBinding("gone", "gone", "User", "carl"),
                    "{metadata: {name: sa}, roleRef: {kind: ClusterRole, name: reader},"
                            + " subjects: [{kind: ServiceAccount, name: robot, namespace: shop}]}")
            .with(
                    ROLE_BINDINGS,
                    "{metadata: {name: edit, namespace: shop}, roleRef: {kind: Role, name: editor},"
                            + " subjects: [{kind: User, name: alice}, {kind: ServiceAccount, name: robot}]}",
                    "{metadata: {name: logs, namespace: shop}, roleRef: {kind: ClusterRole, name: logs},"
                            + " subjects: [{kind: User, name: alice}]}");
    private final AtomicLong nanos = new AtomicLong();
    private final List<Runnable> later = new ArrayList<>();
    private final RbacIndex index = new RbacIndex(() -> store, nanos::get, later::add);
    private final RbacAuthorizer rbac = new RbacAuthorizer(index);

    /// What plugins ask: with the rights of who serves from outside, as every server has it that somebody serves.
    private final Authorizer asked = new StandingRights("hosts", List.of()).before(rbac);

    private final AdmissionPlugin.Validating escalation = new EscalationCheck();

    record Case(String name, Attributes wanted, boolean allowed, String reason) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        UserInfo reader = user("bob", "readers");
        UserInfo robot = user("system:serviceaccount:shop:robot");
        UserInfo otherRobot = user("system:serviceaccount:bank:robot");
        return Stream.of(
                new Case(
                        "a group's cluster role, any namespace",
                        pods(reader, "get", "bank"),
                        true,
                        "RBAC: allowed by ClusterRoleBinding \"readers\" of ClusterRole \"reader\" to Group \"readers\""),
                new Case(
                        "a group's cluster role, cluster scope",
                        pods(reader, "list", ""),
                        true,
                        "RBAC: allowed by ClusterRoleBinding \"readers\" of ClusterRole \"reader\" to Group \"readers\""),
                new Case("another verb", pods(reader, "delete", "bank"), false, ""),
                new Case("a user named like the group", pods(user("readers"), "get", "bank"), false, ""),
                new Case(
                        "a group named like the user",
                        res(user("eve", "alice"), "get", "", "secrets", "", "n", "tls"),
                        false,
                        ""),
                new Case("another API group", res(reader, "get", "metrics.k8s.io", "pods", "", "bank", ""), false, ""),
                new Case(
                        "a subresource is not its resource",
                        res(reader, "get", "", "pods", "log", "bank", "p"),
                        false,
                        ""),
                new Case(
                        "a subresource named",
                        res(ALICE, "get", "", "pods", "log", "shop", "p"),
                        true,
                        "RBAC: allowed by RoleBinding \"logs/shop\" of ClusterRole \"logs\" to User \"alice\""),
                new Case("a resource is not its subresource", pods(ALICE, "get", "shop"), false, ""),
                new Case(
                        "a cluster role bound in one namespace only",
                        res(ALICE, "get", "", "pods", "log", "bank", "p"),
                        false,
                        ""),
                new Case(
                        "any resource's subresource",
                        res(ALICE, "update", "acme.com", "widgets", "scale", "x", "w"),
                        true,
                        "RBAC: allowed by ClusterRoleBinding \"scale\" of ClusterRole \"scaler\" to User \"alice\""),
                new Case(
                        "the named object",
                        res(ALICE, "get", "", "secrets", "", "x", "tls"),
                        true,
                        "RBAC: allowed by ClusterRoleBinding \"secret\" of ClusterRole \"one-secret\" to User \"alice\""),
                new Case("another object", res(ALICE, "get", "", "secrets", "", "x", "other"), false, ""),
                new Case("a collection has no name", res(ALICE, "list", "", "secrets", "", "x", ""), false, ""),
                new Case("create has no name", res(ALICE, "create", "", "secrets", "", "x", ""), false, ""),
                new Case(
                        "a role in its namespace",
                        res(ALICE, "patch", "apps", "deployments", "", "shop", "d"),
                        true,
                        "RBAC: allowed by RoleBinding \"edit/shop\" of Role \"editor\" to User \"alice\""),
                new Case(
                        "a role in another namespace",
                        res(ALICE, "patch", "apps", "deployments", "", "bank", "d"),
                        false,
                        ""),
                new Case("a role across namespaces", res(ALICE, "list", "apps", "deployments", "", "", ""), false, ""),
                new Case(
                        "a service account by name",
                        pods(robot, "get", "x"),
                        true,
                        "RBAC: allowed by ClusterRoleBinding \"sa\" of ClusterRole \"reader\" to ServiceAccount \"robot/shop\""),
                new Case(
                        "a service account of the binding's namespace",
                        res(robot, "get", "apps", "deployments", "", "shop", "d"),
                        true,
                        "RBAC: allowed by RoleBinding \"edit/shop\" of Role \"editor\" to ServiceAccount \"robot/shop\""),
                new Case("its namesake elsewhere", pods(otherRobot, "get", "x"), false, ""),
                new Case(
                        "a path",
                        path(ALICE, "get", "/metrics"),
                        true,
                        "RBAC: allowed by ClusterRoleBinding \"urls\" of ClusterRole \"urls\" to User \"alice\""),
                new Case(
                        "a path below",
                        path(ALICE, "get", "/healthz/etcd"),
                        true,
                        "RBAC: allowed by ClusterRoleBinding \"urls\" of ClusterRole \"urls\" to User \"alice\""),
                new Case("a path beside", path(ALICE, "get", "/metrics/slis"), false, ""),
                new Case("another verb on a path", path(ALICE, "post", "/metrics"), false, ""),
                new Case(
                        "a binding to a missing role",
                        pods(user("carl"), "get", "x"),
                        false,
                        "RBAC: clusterrole.rbac.authorization.k8s.io \"gone\" not found"),
                new Case("masters", res(user("m", "system:masters"), "delete", "", "nodes", "", "", "n"), true, ""),
                new Case("nobody", pods(new UserInfo("", "", List.of(""), Map.of()), "get", "x"), false, ""));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void decidesAsUpstream(Case test) {
        var decision = rbac.authorize(test.wanted());

        assertThat(decision.allowed()).isEqualTo(test.allowed());
        assertThat(decision.reason()).isEqualTo(test.reason());
    }

    @Test
    void holdsNothingWhileOnlyMastersAsk() {
        rbac.authorize(pods(user("m", "system:masters"), "get", "x"));

        assertThat(store.lists()).isZero();
        assertThat(store.watches()).isZero();
    }

    @Test
    void readsOnceThenWatchesAndLetsGoWhenIdle() {
        rbac.authorize(pods(ALICE, "get", "x"));
        rbac.authorize(pods(ALICE, "get", "y"));
        assertThat(store.lists()).isEqualTo(4);
        assertThat(store.watches()).isEqualTo(4);

        nanos.addAndGet(RbacIndex.IDLE.toNanos() / 2);
        rbac.authorize(pods(ALICE, "get", "x"));
        nanos.addAndGet(RbacIndex.IDLE.toNanos() / 2);
        runLater();
        assertThat(index.isRunning()).as("used half the time ago").isTrue();

        nanos.addAndGet(RbacIndex.IDLE.toNanos());
        runLater();
        assertThat(index.isRunning()).isFalse();
        assertThat(store.watches()).isZero();
        assertThat(later).isEmpty();
    }

    @Test
    void startsAnewAfterAWatchEnds() {
        rbac.authorize(pods(ALICE, "get", "x"));
        store.endWatches();
        store.with(CLUSTER_ROLE_BINDINGS, clusterBinding("late", "reader", "User", "alice"));

        assertThat(rbac.authorize(pods(ALICE, "get", "x")).allowed()).isTrue();
        assertThat(store.watches()).isEqualTo(4);
    }

    @Test
    void seesAGrantAndItsRevocationBeforeTheWatchDeliversThem() {
        rbac.authorize(pods(ALICE, "get", "x"));
        store.holdEvents();
        ObjectNode binding = FakeObjectClient.yaml(clusterBinding("late", "reader", "User", "alice"));

        escalation.validate(write(user("m", "system:masters"), Operation.CREATE, CLUSTER_ROLE_BINDINGS, binding, null));
        store.create(CLUSTER_ROLE_BINDINGS, "", binding);
        assertThat(rbac.authorize(pods(ALICE, "get", "x")).allowed()).isTrue();

        escalation.validate(write(user("m", "system:masters"), Operation.DELETE, CLUSTER_ROLE_BINDINGS, null, binding));
        store.delete(CLUSTER_ROLE_BINDINGS, "", "late", Json.object());
        assertThat(rbac.authorize(pods(ALICE, "get", "x")).allowed()).isFalse();

        store.deliver();
        int lists = store.lists();
        assertThat(rbac.authorize(pods(ALICE, "get", "x")).allowed()).isFalse();
        assertThat(store.lists()).as("settled: no more reading through").isEqualTo(lists);
    }

    @Test
    void stopsReadingThroughForAWriteThatNeverCame() {
        rbac.authorize(pods(ALICE, "get", "x"));
        index.expectWrite(CLUSTER_ROLES, "", "never");
        nanos.addAndGet(RbacIndex.SETTLE.toNanos() + 1);
        int lists = store.lists();
        rbac.authorize(pods(ALICE, "get", "x"));

        assertThat(store.lists()).isEqualTo(lists);
    }

    record Escalation(String name, UserInfo user, GroupVersionResource resource, String object, String refusal) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Escalation> escalations() {
        String grants = "user \"alice\" (groups=[\"system:authenticated\"]) is attempting to grant RBAC permissions not"
                + " currently held:\n";
        return Stream.of(
                new Escalation(
                        "a role with more than held",
                        ALICE,
                        ROLES,
                        "{metadata: {name: r, namespace: shop}, rules: [{verbs: [get, list], apiGroups: [''], resources: [pods]}]}",
                        "roles.rbac.authorization.k8s.io \"r\" is forbidden: " + grants
                                + "{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"get\" \"list\"]}"),
                new Escalation(
                        "a role with what is held",
                        ALICE,
                        ROLES,
                        "{metadata: {name: r, namespace: shop}, rules: [{verbs: [get], apiGroups: [apps], resources: [deployments]}]}",
                        ""),
                new Escalation(
                        "what is held, in another namespace",
                        ALICE,
                        ROLES,
                        "{metadata: {name: r, namespace: bank}, rules: [{verbs: [get], apiGroups: [apps], resources: [deployments]}]}",
                        "roles.rbac.authorization.k8s.io \"r\" is forbidden: " + grants
                                + "{APIGroups:[\"apps\"], Resources:[\"deployments\"], Verbs:[\"get\"]}"),
                new Escalation(
                        "dropping the name from a rule",
                        ALICE,
                        CLUSTER_ROLES,
                        "{metadata: {name: r}, rules: [{verbs: [get], apiGroups: [''], resources: [secrets]}]}",
                        "clusterroles.rbac.authorization.k8s.io \"r\" is forbidden: " + grants
                                + "{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"get\"]}"),
                new Escalation(
                        "keeping the name in a rule",
                        ALICE,
                        CLUSTER_ROLES,
                        "{metadata: {name: r}, rules: [{verbs: [get], apiGroups: [''], resources: [secrets], resourceNames: [tls]}]}",
                        ""),
                new Escalation(
                        "a wildcard verb",
                        ALICE,
                        CLUSTER_ROLES,
                        "{metadata: {name: r}, rules: [{verbs: ['*'], nonResourceURLs: [/metrics]}]}",
                        "clusterroles.rbac.authorization.k8s.io \"r\" is forbidden: " + grants
                                + "{NonResourceURLs:[\"/metrics\"], Verbs:[\"*\"]}"),
                new Escalation(
                        "an empty aggregating role",
                        ALICE,
                        CLUSTER_ROLES,
                        "{metadata: {name: r}, aggregationRule: {clusterRoleSelectors: []}}",
                        "clusterroles.rbac.authorization.k8s.io \"r\" is forbidden: must have cluster-admin privileges to use the aggregationRule"),
                new Escalation(
                        "binding oneself to the root role",
                        ALICE,
                        CLUSTER_ROLE_BINDINGS,
                        clusterBinding("mine", "root", "User", "alice"),
                        "clusterrolebindings.rbac.authorization.k8s.io \"mine\" is forbidden: " + grants
                                + "{APIGroups:[\"*\"], Resources:[\"*\"], Verbs:[\"*\"]}\n{NonResourceURLs:[\"*\"], Verbs:[\"*\"]}"),
                new Escalation(
                        "binding a held cluster role in the namespace where it is held",
                        ALICE,
                        ROLE_BINDINGS,
                        "{metadata: {name: b, namespace: shop}, roleRef: {kind: ClusterRole, name: logs}, subjects: []}",
                        ""),
                new Escalation(
                        "the same in another namespace",
                        ALICE,
                        ROLE_BINDINGS,
                        "{metadata: {name: b, namespace: bank}, roleRef: {kind: ClusterRole, name: logs}, subjects: []}",
                        "rolebindings.rbac.authorization.k8s.io \"b\" is forbidden: " + grants
                                + "{APIGroups:[\"\"], Resources:[\"pods/log\"], Verbs:[\"get\"]}"),
                new Escalation(
                        "binding a role yet to come",
                        ALICE,
                        CLUSTER_ROLE_BINDINGS,
                        clusterBinding("mine", "later", "User", "alice"),
                        "clusterroles.rbac.authorization.k8s.io \"later\" not found"),
                new Escalation(
                        "root may",
                        user("root"),
                        CLUSTER_ROLE_BINDINGS,
                        clusterBinding("mine", "root", "User", "alice"),
                        ""),
                new Escalation(
                        "root may aggregate",
                        user("root"),
                        CLUSTER_ROLES,
                        "{metadata: {name: r}, aggregationRule: {clusterRoleSelectors: []}}",
                        ""));
    }

    @ParameterizedTest
    @MethodSource("escalations")
    void letsNobodyGrantMoreThanTheyHold(Escalation test) {
        ObjectNode object = FakeObjectClient.yaml(test.object());
        var create = write(test.user(), Operation.CREATE, test.resource(), object, null);
        var update = write(test.user(), Operation.UPDATE, test.resource(), object, Json.object());

        if (test.refusal().isEmpty()) {
            escalation.validate(create);
            escalation.validate(update);
        } else {
            assertThatThrownBy(() -> escalation.validate(create))
                    .isInstanceOf(ApiException.class)
                    .hasMessage(test.refusal());
            assertThatThrownBy(() -> escalation.validate(update)).hasMessage(test.refusal());
        }
    }

    @Test
    void theVerbsEscalateAndBindLiftTheCheck() {
        store.with(
                CLUSTER_ROLES,
                "{metadata: {name: granter}, rules: [{verbs: [escalate, bind], apiGroups: [" + GROUP
                        + "], resources: [clusterroles]}]}");
        store.with(CLUSTER_ROLE_BINDINGS, clusterBinding("granter", "granter", "User", "dave"));

        escalation.validate(write(
                user("dave"),
                Operation.CREATE,
                CLUSTER_ROLES,
                FakeObjectClient.yaml(
                        "{metadata: {name: r}, rules: [{verbs: ['*'], apiGroups: ['*'], resources: ['*']}]}"),
                null));
        escalation.validate(write(
                user("dave"),
                Operation.CREATE,
                CLUSTER_ROLE_BINDINGS,
                FakeObjectClient.yaml(clusterBinding("b", "root", "User", "dave")),
                null));
        assertThat(store.get(CLUSTER_ROLES, "", "r")).isEmpty();
    }

    @Test
    void listsWhatAUserMayDo() {
        var rules = rbac.rulesFor(ALICE, "shop");

        assertThat(rules.incomplete()).isFalse();
        assertThat(rules.resourceRules())
                .extracting(rule -> rule.verbs() + " " + rule.resources() + " " + rule.resourceNames())
                .containsExactlyInAnyOrder(
                        "[*] [secrets] [tls]", "[update] [*/scale] []", "[*] [deployments] []", "[get] [pods/log] []");
        assertThat(rules.nonResourceRules())
                .singleElement()
                .satisfies(rule -> assertThat(rule.nonResourceUrls()).containsExactly("/metrics", "/healthz/*"));
        assertThat(rbac.rulesFor(user("carl"), "shop").incomplete()).isTrue();
        assertThat(rbac.rulesFor(user("m", "system:masters"), "shop").resourceRules())
                .singleElement()
                .satisfies(rule -> assertThat(rule.verbs()).containsExactly("*"));
    }

    private void runLater() {
        List<Runnable> due = List.copyOf(later);
        later.clear();
        due.forEach(Runnable::run);
    }

    private AdmissionPlugin.Request write(
            UserInfo user,
            Operation operation,
            GroupVersionResource resource,
            @Nullable ObjectNode object,
            @Nullable ObjectNode oldObject) {
        ObjectNode named = object == null ? oldObject : object;
        String name = named == null ? "" : Meta.name(named);
        String namespace = named == null ? "" : Meta.namespace(named);
        var kind = new GroupVersionKind(GROUP, "v1", "Any");
        return new AdmissionPlugin.Request(
                operation,
                resource,
                kind,
                "",
                namespace,
                name,
                object,
                oldObject,
                user,
                false,
                store,
                asked,
                new ArrayList<>(),
                (_, _) -> {});
    }

    private static UserInfo user(String name, String... groups) {
        return new UserInfo(
                name,
                "",
                Stream.concat(Stream.of(groups), Stream.of("system:authenticated"))
                        .toList(),
                Map.of());
    }

    private static Attributes pods(UserInfo user, String verb, String namespace) {
        return res(user, verb, "", "pods", "", namespace, "");
    }

    private static Attributes res(
            UserInfo user,
            String verb,
            String group,
            String resource,
            String subresource,
            String namespace,
            String name) {
        return new Attributes(user, verb, group, "v1", resource, subresource, namespace, name, "");
    }

    private static Attributes path(UserInfo user, String verb, String path) {
        return new Attributes(user, verb, "", "", "", "", "", "", path);
    }

    private static String clusterBinding(String name, String role, String kind, String subject) {
        return "{metadata: {name: " + name + "}, roleRef: {kind: ClusterRole, name: " + role + "}, subjects: [{kind: "
                + kind + ", name: " + subject + "}]}";
    }

    private static GroupVersionResource rbac(String resource) {
        return new GroupVersionResource(GROUP, "v1", resource);
    }
}
