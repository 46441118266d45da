package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.isolation.HostWorkload;
import io.insula.isolation.HostWorkload.HostPod;
import io.insula.isolation.HostWorkload.HostVirtualMachine;
import io.insula.isolation.HostWorkload.Unsupported;
import io.insula.isolation.TenantProfiles;
import io.insula.syncer.engine.Change.CreateOnHost;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.TenantId;
import org.junit.jupiter.api.Test;

class PodPreviewTest {

    private static final String WEB = """
            apiVersion: v1
            kind: Pod
            metadata: {name: web, namespace: shop, uid: u}
            spec: {serviceAccountName: s, containers: [{name: c, image: i, envFrom: [{configMapRef: {name: settings}}]}]}
            """;

    /// The same as the syncer does, but for the address that nobody knows yet.
    @Test
    void isWhatTheSyncerWouldWrite() {
        var pod = Serialization.unmarshal(WEB, Pod.class);
        var written = new PodSyncer(Beans.profiles()).decide(new TenantOnly<>(pod), FixedView.of("gvisor"));

        var shown = ((HostPod) preview("gvisor", WEB)).pod();

        var real = (Pod) ((CreateOnHost) written.getFirst()).wanted();
        var address = FixedView.API_SERVER.getSpec().getClusterIP();
        assertThat(Serialization.asJson(shown).replace(PodPreview.API_SERVER, address))
                .isEqualTo(Serialization.asJson(real))
                .contains(address);
    }

    @Test
    void showsMachinesAndRefusals() {
        assertThat(preview("kubevirt", WEB)).isInstanceOf(HostVirtualMachine.class);
        assertThat(preview("runc", WEB.replace("spec: {", "spec: {hostNetwork: true, ")))
                .isInstanceOfSatisfying(
                        Unsupported.class,
                        refused -> assertThat(refused.field()).isEqualTo("spec.hostNetwork"));
    }

    @Test
    void takesAPodAsAFileHasIt() {
        var head = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n";
        var bare = head + "spec: {containers: [{name: c, image: i}]}";

        assertThat(preview("runc", bare)).isInstanceOf(HostPod.class);
        assertThatThrownBy(() -> preview("runc", head)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> preview("runc", bare.replace("name: web", "labels: {}")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static HostWorkload preview(String sandbox, String pod) {
        return PodPreview.of(
                Serialization.unmarshal(pod, Pod.class),
                Beans.profiles(),
                TenantProfiles.only(Beans.settings(sandbox)),
                new TenantId("acme"));
    }
}
