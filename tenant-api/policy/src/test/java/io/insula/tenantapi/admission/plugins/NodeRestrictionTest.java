package io.insula.tenantapi.admission.plugins;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.fake.FakeObjectClient;
import io.insula.tenantapi.rbac.NodeAuthorizer;
import io.insula.tenantapi.registry.AdmissionPlugin.Operation;
import io.insula.tenantapi.registry.AdmissionPlugin.Request;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A node tries to write what is not its own.
final class NodeRestrictionTest {

    private static final UserInfo NODE = new UserInfo("system:node:one", "", List.of(NodeAuthorizer.GROUP), Map.of());
    private static final UserInfo JANE = new UserInfo("jane", "", List.of(), Map.of());
    private static final GroupVersionResource LEASES = new GroupVersionResource("coordination.k8s.io", "v1", "leases");
    private static final GroupVersionResource CSI_NODES = new GroupVersionResource("storage.k8s.io", "v1", "csinodes");
    private static final String MINE = "{metadata: {name: mine, namespace: shop, uid: u1}, spec: {nodeName: one}}";
    private static final String OTHER = "{metadata: {name: other, namespace: shop, uid: u2}, spec: {nodeName: two}}";

    private final FakeObjectClient store = new FakeObjectClient().with(FakeObjectClient.core("pods"), MINE, OTHER);

    /// @param refusal a part of it; empty where it is admitted
    /// @param object null for a deletion
    /// @param old null for a creation
    record Case(
            String name,
            String refusal,
            GroupVersionResource resource,
            String subresource,
            @Nullable String object,
            @Nullable String old) {
        @Override
        public String toString() {
            return name;
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void admits(Case each) {
        if (each.refusal().isEmpty()) {
            assertThatCode(() -> run(each, NODE)).doesNotThrowAnyException();
        } else {
            assertThatThrownBy(() -> run(each, NODE))
                    .isInstanceOf(ApiException.class)
                    .hasMessageContaining(each.refusal());
        }
        assertThatCode(() -> run(each, JANE)).as("who is no node").doesNotThrowAnyException();
    }

    static Stream<Case> cases() {
        return Stream.of(pods(), nodes(), tokens(), leases()).flatMap(cases -> cases);
    }

    private static Stream<Case> pods() {
        var pods = FakeObjectClient.core("pods");
        String mirror = "{metadata: {name: m, namespace: shop, annotations: {kubernetes.io/config.mirror: x},"
                + " ownerReferences: [{kind: Node, name: %s}]}, spec: {nodeName: %s%s}}";
        return Stream.of(
                new Case("an ordinary pod", "can only create mirror pods", pods, "", MINE, null),
                new Case("a mirror pod", "", pods, "", mirror.formatted("one", "one", ""), null),
                new Case(
                        "another node's mirror pod",
                        "spec.nodeName set to itself",
                        pods,
                        "",
                        mirror.formatted("one", "two", ""),
                        null),
                new Case(
                        "a mirror pod of another owner",
                        "owner reference set to itself",
                        pods,
                        "",
                        mirror.formatted("two", "one", ""),
                        null),
                new Case(
                        "a mirror pod with a secret",
                        "can not create pods that reference",
                        pods,
                        "",
                        mirror.formatted("one", "one", ", volumes: [{name: v, secret: {secretName: s}}]"),
                        null),
                new Case("deletes its own", "", pods, "", null, MINE),
                new Case("deletes another's", "can only delete pods", pods, "", null, OTHER),
                new Case("changes its own", "unexpected operation", pods, "", MINE, MINE),
                new Case("its own status", "", pods, "status", MINE, MINE),
                new Case("another's status", "can only update pod status", pods, "status", OTHER, OTHER),
                new Case(
                        "takes a pod by its status",
                        "can only update pod status",
                        pods,
                        "status",
                        OTHER.replace("two", "one"),
                        OTHER),
                new Case(
                        "labels by the status",
                        "cannot update labels through pod status",
                        pods,
                        "status",
                        MINE.replace("uid: u1", "uid: u1, labels: {a: b}"),
                        MINE),
                new Case("evicts its own", "", pods, "eviction", "{metadata: {name: mine, namespace: shop}}", null),
                new Case(
                        "evicts another's",
                        "can only evict pods",
                        pods,
                        "eviction",
                        "{metadata: {name: other, namespace: shop}}",
                        null),
                new Case("binds", "unexpected pod subresource", pods, "binding", MINE, null));
    }

    private static Stream<Case> nodes() {
        var nodes = FakeObjectClient.core("nodes");
        String node = "{metadata: {name: one, labels: {%s}}, spec: {taints: [%s]}}";
        return Stream.of(
                new Case("makes itself", "", nodes, "", node.formatted("insula.io/node-pool: real", ""), null),
                new Case(
                        "with labels that a kubelet has",
                        "",
                        nodes,
                        "",
                        node.formatted("kubernetes.io/hostname: one, node.kubernetes.io/x: y", ""),
                        null),
                new Case(
                        "makes another",
                        "is not allowed to modify node \"two\"",
                        nodes,
                        "",
                        "{metadata: {name: two}}",
                        null),
                new Case(
                        "makes itself with a role",
                        "is not allowed to modify labels: node-role.kubernetes.io/control-plane",
                        nodes,
                        "",
                        node.formatted("node-role.kubernetes.io/control-plane: ''", ""),
                        null),
                new Case(
                        "goes where pods are fenced in",
                        "is not allowed to modify labels: pci.node-restriction.kubernetes.io/yes",
                        nodes,
                        "",
                        node.formatted("pci.node-restriction.kubernetes.io/yes: '1'", ""),
                        node.formatted("", "")),
                new Case(
                        "takes off a restricted label",
                        "is not allowed to modify labels",
                        nodes,
                        "",
                        node.formatted("", ""),
                        node.formatted("node-restriction.kubernetes.io/a: b", "")),
                new Case(
                        "keeps one that others gave it",
                        "",
                        nodes,
                        "status",
                        node.formatted("node-restriction.kubernetes.io/a: b", ""),
                        node.formatted("node-restriction.kubernetes.io/a: b", "")),
                new Case(
                        "takes off its taint",
                        "is not allowed to modify taints",
                        nodes,
                        "",
                        node.formatted("", ""),
                        node.formatted("", "{key: a, effect: NoSchedule}")),
                new Case(
                        "gives itself an owner",
                        "is not allowed to modify ownerReferences",
                        nodes,
                        "",
                        "{metadata: {name: one, ownerReferences: [{name: x}]}, spec: {taints: []}}",
                        node.formatted("", "")),
                new Case("deletes itself", "is not allowed to delete itself", nodes, "", null, node.formatted("", "")),
                new Case(
                        "another's status",
                        "is not allowed to modify node \"two\"",
                        nodes,
                        "status",
                        "{metadata: {name: two}}",
                        "{metadata: {name: two}}"));
    }

    private static Stream<Case> tokens() {
        var accounts = FakeObjectClient.core("serviceaccounts");
        String token = "{metadata: {name: till, namespace: shop}, spec: {boundObjectRef: %s}}";
        String bound = "{apiVersion: v1, kind: %s, name: %s, uid: %s}";
        return Stream.of(
                new Case(
                        "for its own pod",
                        "",
                        accounts,
                        "token",
                        token.formatted(bound.formatted("Pod", "mine", "u1")),
                        null),
                new Case(
                        "for another's pod",
                        "bound to a pod scheduled on a different node",
                        accounts,
                        "token",
                        token.formatted(bound.formatted("Pod", "other", "u2")),
                        null),
                new Case(
                        "for a pod that was",
                        "does not match the UID in record",
                        accounts,
                        "token",
                        token.formatted(bound.formatted("Pod", "mine", "u0")),
                        null),
                new Case(
                        "for a pod that is not",
                        "bound to a pod that is not there",
                        accounts,
                        "token",
                        token.formatted(bound.formatted("Pod", "none", "u1")),
                        null),
                new Case(
                        "for a secret",
                        "not bound to a pod",
                        accounts,
                        "token",
                        token.formatted(bound.formatted("Secret", "mine", "u1")),
                        null),
                new Case("for nothing", "not bound to a pod", accounts, "token", token.formatted("{}"), null),
                new Case(
                        "without a uid",
                        "without a uid",
                        accounts,
                        "token",
                        token.formatted("{apiVersion: v1, kind: Pod, name: mine}"),
                        null));
    }

    private static Stream<Case> leases() {
        String lease = "{metadata: {name: %s, namespace: %s}}";
        return Stream.of(
                new Case("its lease", "", LEASES, "", lease.formatted("one", "kube-node-lease"), null),
                new Case(
                        "another's lease",
                        "with the same name as the requesting node",
                        LEASES,
                        "",
                        lease.formatted("two", "kube-node-lease"),
                        null),
                new Case(
                        "a leader's lease",
                        "can only access leases in the \"kube-node-lease\"",
                        LEASES,
                        "",
                        lease.formatted("one", "kube-system"),
                        null),
                new Case("its drivers", "", CSI_NODES, "", "{metadata: {name: one}}", null),
                new Case(
                        "another's drivers",
                        "can only access CSINode",
                        CSI_NODES,
                        "",
                        "{metadata: {name: two}}",
                        null));
    }

    private void run(Case each, UserInfo user) {
        Operation operation =
                each.object() == null ? Operation.DELETE : each.old() == null ? Operation.CREATE : Operation.UPDATE;
        Request anonymous = Admission.request(
                operation, store, each.resource(), each.subresource(), tree(each.object()), tree(each.old()));
        Admission.run(
                new NodeRestriction(),
                new Request(
                        anonymous.operation(),
                        anonymous.resource(),
                        anonymous.kind(),
                        anonymous.subresource(),
                        anonymous.namespace(),
                        anonymous.name(),
                        anonymous.object(),
                        anonymous.oldObject(),
                        user,
                        false,
                        anonymous.client(),
                        anonymous.authorizer(),
                        anonymous.warnings(),
                        anonymous.annotate()));
    }

    private static @Nullable ObjectNode tree(@Nullable String yaml) {
        return yaml == null ? null : FakeObjectClient.yaml(yaml);
    }
}
