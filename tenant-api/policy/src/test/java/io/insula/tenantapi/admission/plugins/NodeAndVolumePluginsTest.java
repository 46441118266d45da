package io.insula.tenantapi.admission.plugins;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.fake.FakeObjectClient;
import io.insula.tenantapi.registry.AdmissionPlugin.Operation;
import org.junit.jupiter.api.Test;

final class NodeAndVolumePluginsTest {

    private final FakeObjectClient store = new FakeObjectClient();

    @Test
    void taintsANewNodeOnce() {
        var plugin = new TaintNodesByCondition();
        var node = Admission.create(plugin, store, Requests.core("nodes"), "{metadata: {name: n}}");
        assertThat(node.at("/spec/taints"))
                .isEqualTo(FakeObjectClient.yaml("{t: [{key: node.kubernetes.io/not-ready, effect: NoSchedule}]}")
                        .path("t"));
        Admission.run(plugin, Admission.request(Operation.CREATE, store, Requests.core("nodes"), node, null));
        assertThat(node.at("/spec/taints")).hasSize(1);
    }

    @Test
    void givesVolumesAndClaimsTheirFinalizers() {
        var plugin = new StorageObjectInUseProtection();
        assertThat(Meta.finalizers(
                        Admission.create(plugin, store, Requests.core("persistentvolumes"), "{metadata: {name: v}}")))
                .containsExactly("kubernetes.io/pv-protection");
        assertThat(Meta.finalizers(Admission.create(
                        plugin,
                        store,
                        Requests.core("persistentvolumeclaims"),
                        "{metadata: {name: c, finalizers: [kubernetes.io/pvc-protection, a.b/c]}}")))
                .containsExactly("kubernetes.io/pvc-protection", "a.b/c");
        assertThat(Meta.finalizers(
                        Admission.create(plugin, store, Requests.core("configmaps"), "{metadata: {name: c}}")))
                .isEmpty();
    }
}
