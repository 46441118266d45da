package io.insula.tenantapi.rbac;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.tenantapi.auth.Attributes;
import io.insula.tenantapi.auth.Authorizer.Decision;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.fake.FakeObjectClient;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A node tries to get at what no pod of its own needs.
final class NodeAuthorizerTest {

    private static final UserInfo NODE = user("system:node:one", NodeAuthorizer.GROUP);

    private final FakeObjectClient store = new FakeObjectClient()
            .with(FakeObjectClient.core("pods"), """
                    metadata: {name: mine, namespace: shop}
                    spec:
                      nodeName: one
                      serviceAccountName: till
                      imagePullSecrets: [{name: pull}]
                      volumes:
                      - {name: a, secret: {secretName: mounted}}
                      - {name: b, configMap: {name: map}}
                      - {name: c, projected: {sources: [{secret: {name: part}}, {configMap: {name: half}}]}}
                      - {name: d, persistentVolumeClaim: {claimName: disk}}
                      - {name: e, ephemeral: {volumeClaimTemplate: {}}}
                      - {name: f, csi: {driver: x, nodePublishSecretRef: {name: driver}}}
                      containers:
                      - name: main
                        env: [{name: A, valueFrom: {secretKeyRef: {name: one-key, key: k}}}]
                        envFrom: [{configMapRef: {name: all-keys}}]
                      initContainers:
                      - {name: first, envFrom: [{secretRef: {name: first-keys}}]}
                      ephemeralContainers:
                      - {name: debug, env: [{name: B, valueFrom: {configMapKeyRef: {name: debug-key, key: k}}}]}
                    """, """
                    metadata: {name: other, namespace: shop}
                    spec:
                      nodeName: two
                      containers: [{name: main, envFrom: [{secretRef: {name: foreign}}]}]
                    """, """
                    metadata: {name: waiting, namespace: shop}
                    spec: {containers: [{name: main, envFrom: [{secretRef: {name: unplaced}}]}]}
                    """)
            .with(
                    FakeObjectClient.core("persistentvolumeclaims"),
                    "{metadata: {name: disk, namespace: shop}, spec: {volumeName: pv-1}}",
                    "{metadata: {name: another, namespace: shop}, spec: {volumeName: pv-2}}");

    private final NodeAuthorizer authorizer = new NodeAuthorizer(() -> store, _ -> Decision.NO_OPINION);

    /// @param what `verb resource[.group][/subresource] [namespace/]name`, with `?field=value` for a selector
    record Case(String what, boolean allowed) {
        @Override
        public String toString() {
            return what + (allowed ? "" : " is refused");
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void decides(Case each) {
        assertThat(authorizer.authorize(attributes(NODE, each.what())).allowed())
                .isEqualTo(each.allowed());
    }

    static Stream<Case> cases() {
        return Stream.concat(
                Stream.of(
                                "get secrets shop/mounted",
                                "get secrets shop/pull",
                                "get secrets shop/part",
                                "get secrets shop/one-key",
                                "get secrets shop/first-keys",
                                "get secrets shop/driver",
                                "watch secrets shop/mounted",
                                "get configmaps shop/map",
                                "get configmaps shop/half",
                                "get configmaps shop/all-keys",
                                "get configmaps shop/debug-key",
                                "get persistentvolumeclaims shop/disk",
                                "get persistentvolumeclaims shop/mine-e",
                                "patch persistentvolumeclaims/status shop/disk",
                                "get persistentvolumes pv-1",
                                "get serviceaccounts shop/till",
                                "create serviceaccounts/token shop/till",
                                "get pods shop/mine",
                                "list pods ?spec.nodeName=one",
                                "watch pods shop/?spec.nodeName=one",
                                "patch pods/status shop/mine",
                                "delete pods shop/mine",
                                "get nodes one",
                                "watch nodes ?metadata.name=one",
                                "create nodes ",
                                "patch nodes/status one",
                                "create leases.coordination.k8s.io kube-node-lease/",
                                "patch leases.coordination.k8s.io kube-node-lease/one",
                                "get csinodes.storage.k8s.io one",
                                "list services ",
                                "create events shop/",
                                "get runtimeclasses.node.k8s.io gvisor",
                                "create subjectaccessreviews.authorization.k8s.io ")
                        .map(what -> new Case(what, true)),
                Stream.of(
                                "get secrets shop/foreign",
                                "get secrets shop/unplaced",
                                "get secrets shop/map",
                                "get secrets other/mounted",
                                "list secrets shop/",
                                "list secrets ",
                                "list secrets shop/?type=Opaque",
                                "create secrets shop/mounted",
                                "delete secrets shop/mounted",
                                "get configmaps shop/mounted",
                                "get configmaps kube-system/extension-apiserver-authentication",
                                "patch configmaps shop/map",
                                "get persistentvolumeclaims shop/another",
                                "delete persistentvolumeclaims shop/disk",
                                "get persistentvolumes pv-2",
                                "create serviceaccounts/token shop/default",
                                "create serviceaccounts/token kube-system/till",
                                "get pods shop/other",
                                "get pods shop/waiting",
                                "list pods ",
                                "list pods shop/",
                                "list pods ?spec.nodeName=two",
                                "list pods ?spec.nodeName=",
                                "get pods/log shop/mine",
                                "create pods/exec shop/mine",
                                "create pods/binding shop/mine",
                                "patch pods shop/mine",
                                "patch pods/ephemeralcontainers shop/mine",
                                "get nodes two",
                                "list nodes ",
                                "watch nodes ?metadata.name=two",
                                "delete nodes one",
                                "get leases.coordination.k8s.io kube-node-lease/two",
                                "get leases.coordination.k8s.io shop/one",
                                "list leases.coordination.k8s.io kube-node-lease/",
                                "delete csinodes.storage.k8s.io two",
                                "list namespaces ",
                                "create clusterrolebindings.rbac.authorization.k8s.io ",
                                "impersonate users root")
                        .map(what -> new Case(what, false)));
    }

    @Test
    void knowsANodeByGroupAndNameTogether() {
        assertThat(NodeAuthorizer.nodeName(NODE)).contains("one");
        for (UserInfo nobody : List.of(
                user("system:node:one"),
                user("one", NodeAuthorizer.GROUP),
                user("system:node:", NodeAuthorizer.GROUP))) {
            assertThat(NodeAuthorizer.nodeName(nobody)).isEmpty();
            assertThat(authorizer
                            .authorize(attributes(nobody, "get secrets shop/mounted"))
                            .allowed())
                    .isFalse();
        }
    }

    @Test
    void leavesTheRestToRoles() {
        var roles = new NodeAuthorizer(
                () -> store, wanted -> new Decision(wanted.resource().equals("namespaces"), "a role"));

        assertThat(roles.authorize(attributes(NODE, "list namespaces ")).allowed())
                .isTrue();
        assertThat(roles.authorize(attributes(NODE, "list secrets ")))
                .isEqualTo(new Decision(false, "no relationship found between node 'one' and this object; a role"));
        assertThat(roles.authorize(attributes(user("jane"), "list secrets ")).reason())
                .isEqualTo("a role");
    }

    private static Attributes attributes(UserInfo user, String what) {
        String[] words = what.split(" ", 3);
        String[] target = words[1].split("/", 2);
        String[] kind = target[0].split("\\.", 2);
        String[] asked = words[2].split("\\?", 2);
        int slash = asked[0].indexOf('/');
        String[] selector = asked.length > 1 ? asked[1].split("=", 2) : new String[0];
        return new Attributes(
                user,
                words[0],
                kind.length > 1 ? kind[1] : "",
                "v1",
                kind[0],
                target.length > 1 ? target[1] : "",
                slash < 0 ? "" : asked[0].substring(0, slash),
                asked[0].substring(slash + 1),
                "",
                selector.length == 0 ? Map.of() : Map.of(selector[0], selector[1]));
    }

    private static UserInfo user(String name, String... groups) {
        return new UserInfo(name, "", List.of(groups), Map.of());
    }
}
