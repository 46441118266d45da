package io.insula.controlplane.cluster;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.controlplane.tenant.ProfileSource;
import io.insula.controlplane.tenant.ProfileSource.Profile;
import io.insula.syncer.kinds.Beans;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.auth.Authorizer;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.fake.FakeObjectClient;
import io.insula.tenantapi.registry.AdmissionPlugin.Operation;
import io.insula.tenantapi.registry.AdmissionPlugin.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ProfileAdmissionTest {

    private static final ProfileSource CHOICE = () -> new ProfileSource.Choice(
            new Profile("runc", Map.of("sandbox", "runc")), List.of(new Profile("strong", Map.of("sandbox", "kata"))));
    private final FakeObjectClient client = new FakeObjectClient();
    private final ProfileAdmission admission = new ProfileAdmission(Beans.profiles(), CHOICE);

    @Test
    void letsAPodAskForAnAllowedProfileByLabelAnnotationOrRuntimeClass() {
        assertThatCode(() -> {
                    create("labels: {insula.io/isolation-profile: strong}", "");
                    create("annotations: {insula.io/isolation-profile: strong}", "");
                    create("", "runtimeClassName: kata");
                    create("", "");
                })
                .doesNotThrowAnyException();
    }

    @Test
    void refusesAProfileThatIsNotAllowedNamingTheField() {
        assertThatThrownBy(() -> create("labels: {insula.io/isolation-profile: kubevirt}", ""))
                .hasMessageContaining("metadata.labels[insula.io/isolation-profile]: \"kubevirt\" is not an isolation"
                        + " profile of this cluster (it has: runc, strong)");
        assertThatThrownBy(() -> create("annotations: {insula.io/isolation-profile: privileged}", ""))
                .hasMessageContaining("metadata.annotations[insula.io/isolation-profile]");
        assertThatThrownBy(() -> create("", "runtimeClassName: gvisor")).hasMessageContaining("spec.runtimeClassName");
        assertThatThrownBy(() -> create("labels: {insula.io/isolation-profile: runc}", "runtimeClassName: kata"))
                .hasMessageContaining("spec.runtimeClassName");
    }

    @Test
    void letsABoundPodBeChanged() {
        var bound = pod("", "nodeName: metal-1");
        var changed = pod("", "nodeName: metal-1, activeDeadlineSeconds: 60");

        assertThatCode(() -> update(changed, bound)).doesNotThrowAnyException();
        assertThatCode(() -> update(pod("labels: {insula.io/isolation-profile: nope}", "nodeName: metal-1"), bound))
                .as("what runs may always be labelled")
                .doesNotThrowAnyException();
    }

    @Test
    void takesANodeOfTheTenantsChoiceOnCreateButNotOnUpdate() {
        assertThatCode(() -> create("", "nodeName: metal-1")).doesNotThrowAnyException();
        assertThatThrownBy(() -> update(pod("", "nodeName: metal-1"), pod("", "")))
                .hasMessageContaining("spec.nodeName");
        assertThatThrownBy(() -> update(pod("", "nodeName: metal-2"), pod("", "nodeName: metal-1")))
                .hasMessageContaining("spec.nodeName");
    }

    @Test
    void refusesAnEphemeralVolumeThatAsksForAVolumeOfTheHosts() {
        assertThatThrownBy(() -> create(
                        "",
                        "volumes: [{name: v, ephemeral: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce],"
                                + " storageClassName: private, volumeName: operator-pv}}}}]"))
                .hasMessageContaining(
                        "spec.volumes[0].ephemeral.volumeClaimTemplate.spec.volumeName: volumes are provisioned");
        assertThatCode(() -> create(
                        "",
                        "volumes: [{name: v, ephemeral: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce],"
                                + " storageClassName: fast}}}}]"))
                .doesNotThrowAnyException();
    }

    /// Both ways into a running pod that go around its own update.
    @Test
    void looksAtEphemeralContainersAndResizesAsAtPods() {
        var bound = pod("", "nodeName: metal-1");
        var debug = "ephemeralContainers: [{name: d, image: i, securityContext: {privileged: true}}]";
        var hole = "ephemeralContainers: [{name: d, image: i, securityContext: {capabilities: {add: [SYS_ADMIN]}}}]";

        for (var intruder : List.of(debug, hole)) {
            assertThatThrownBy(() -> change("ephemeralcontainers", pod("", "nodeName: metal-1, " + intruder), bound))
                    .hasMessageContaining("isolation profile \"runc\": spec.ephemeralContainers[0].securityContext");
        }
        assertThatThrownBy(() -> change("resize", sized("{memory: -1Mi}"), sized("{cpu: 1}")))
                .hasMessageContaining("isolation profile \"runc\": spec.containers[0].resources.limits[memory]");
        assertThatCode(() -> {
                    change(
                            "ephemeralcontainers",
                            pod("", "nodeName: metal-1, ephemeralContainers: [{name: d, image: i}]"),
                            bound);
                    change("resize", sized("{cpu: 2}"), sized("{cpu: 1}"));
                    change("status", pod("", "nodeName: metal-2, hostNetwork: true"), bound);
                })
                .doesNotThrowAnyException();
    }

    @Test
    void refusesAFieldThatNobodyHasDecidedAbout() {
        assertThatThrownBy(() -> create("", "dnsConfig: {newInSomeRelease: x}"))
                .hasMessageContaining("spec.dnsConfig.newInSomeRelease: unknown field");
    }

    /// Upstream takes it before anybody knows whether there is such a driver.
    @Test
    void takesAnInlineVolumeOfADriverButNothingElseWithIt() {
        var inline = "{name: v, csi: {driver: d.example.com}}";

        assertThatCode(() -> create("", "volumes: [" + inline + "]")).doesNotThrowAnyException();
        assertThatThrownBy(() -> create("", "volumes: [" + inline + ", {name: h, hostPath: {path: /}}]"))
                .hasMessageContaining("hostPath");
        assertThatThrownBy(() -> create("", "hostNetwork: true, volumes: [" + inline + "]"))
                .hasMessageContaining("hostNetwork");
        assertThatThrownBy(() -> create("", "volumes: [{name: v, csi: {driver: d}, hostPath: {path: /}}]"))
                .as("two sources in one")
                .hasMessageContaining("spec.volumes[0]");
    }

    @Test
    void takesRuntimeClassesOfTheTenantsOwnAndJudgesTheirPodsByTheHandler() {
        shown("{metadata: {name: kata, labels: {insula.io/managed-by: insula-syncer}}, handler: kata-qemu}");
        shown("{metadata: {name: quick}, handler: kata-qemu}");
        shown("{metadata: {name: other}, handler: nowhere}");

        assertThatCode(() -> {
                    create("", "runtimeClassName: quick");
                    create("", "runtimeClassName: other");
                })
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> create("", "runtimeClassName: missing")).hasMessageContaining("spec.runtimeClassName");
        for (var name : List.of("quick", "other")) {
            assertThatThrownBy(() -> create("", "hostPID: true, runtimeClassName: " + name))
                    .as(name)
                    .hasMessageContaining("hostPID");
        }
    }

    private void shown(String runtimeClass) {
        client.create(
                new GroupVersionResource("node.k8s.io", "v1", "runtimeclasses"),
                "",
                FakeObjectClient.yaml(runtimeClass));
    }

    @Test
    void refusesEveryChangeOfAMachinesPodNamingTheField() {
        ProfileSource machines =
                () -> new ProfileSource.Choice(new Profile("machine", Map.of("sandbox", "kubevirt")), List.of());
        var strict = new ProfileAdmission(Beans.profiles(), machines);
        var bound = pod("", "nodeName: metal-1");

        Map.of(
                        "activeDeadlineSeconds: 60", "spec.activeDeadlineSeconds",
                        "tolerations: [{key: node.kubernetes.io/not-ready}]", "spec.tolerations",
                        "initContainers: [{name: i, image: j}]", "spec.initContainers")
                .forEach((change, field) -> assertThatThrownBy(() -> strict.validate(
                                request(Operation.UPDATE, pod("", "nodeName: metal-1, " + change), bound)))
                        .hasMessageContaining(field + ": a virtual machine"));
        assertThatCode(() ->
                        strict.validate(request(Operation.UPDATE, pod("labels: {a: b}", "nodeName: metal-1"), bound)))
                .doesNotThrowAnyException();
        assertThatCode(() -> update(pod("", "nodeName: metal-1, activeDeadlineSeconds: 60"), bound))
                .as("a pod in another sandbox")
                .doesNotThrowAnyException();
    }

    @Test
    void refusesAnnotationsThatTheHostCannotHold() {
        var mounted = "volumes: [{name: v, downwardAPI: {items: [{path: a, fieldRef: {fieldPath:"
                + " metadata.annotations}}]}}]";
        var large = "annotations: {note: " + "x".repeat(250 * 1024) + "}";

        assertThatThrownBy(() -> create(large, mounted))
                .hasMessageContaining("metadata.annotations: what the pod mounts");
        assertThatThrownBy(() -> update(pod(large, mounted), pod("", mounted)))
                .hasMessageContaining("metadata.annotations");
        assertThatCode(() -> create(large, "")).as("they stay in the tenant").doesNotThrowAnyException();
        assertThatCode(() -> update(pod(large + ", labels: {a: b}", mounted), pod(large, mounted)))
                .as("what is too large already may be changed otherwise")
                .doesNotThrowAnyException();
    }

    private void create(String metadata, String spec) {
        admission.validate(request(Operation.CREATE, pod(metadata, spec), null));
    }

    private void update(ObjectNode pod, ObjectNode old) {
        admission.validate(request(Operation.UPDATE, pod, old));
    }

    private void change(String subresource, ObjectNode pod, ObjectNode old) {
        admission.validate(request(Operation.UPDATE, subresource, pod, old));
    }

    private static ObjectNode sized(String limits) {
        return Serialization.unmarshal(
                "metadata: {name: web, namespace: shop}\nspec: {nodeName: metal-1, containers: [{name: c, image: i,"
                        + " resources: {limits: " + limits + "}}]}",
                ObjectNode.class);
    }

    private static ObjectNode pod(String metadata, String spec) {
        return Serialization.unmarshal(
                "metadata: {name: web, namespace: shop" + (metadata.isEmpty() ? "" : ", " + metadata)
                        + "}\nspec: {containers: [{name: c, image: i}]" + (spec.isEmpty() ? "" : ", " + spec) + "}",
                ObjectNode.class);
    }

    private Request request(Operation operation, ObjectNode pod, @Nullable ObjectNode old) {
        return request(operation, "", pod, old);
    }

    private Request request(Operation operation, String subresource, ObjectNode pod, @Nullable ObjectNode old) {
        return new Request(
                operation,
                new GroupVersionResource("", "v1", "pods"),
                new GroupVersionKind("", "v1", "Pod"),
                subresource,
                "shop",
                "web",
                pod,
                old,
                UserInfo.loopback(),
                false,
                client,
                _ -> Authorizer.Decision.NO_OPINION,
                new ArrayList<>(),
                (_, _) -> {});
    }
}
