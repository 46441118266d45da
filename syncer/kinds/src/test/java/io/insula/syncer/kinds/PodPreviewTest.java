package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.isolation.HostWorkload;
import io.insula.isolation.HostWorkload.HostPod;
import io.insula.isolation.HostWorkload.HostVirtualMachine;
import io.insula.isolation.HostWorkload.Unsupported;
import io.insula.isolation.ProfileSettings;
import io.insula.isolation.TenantProfiles;
import io.insula.rules.keys.InsulaKeys;
import io.insula.syncer.engine.Change.CreateOnHost;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.TenantId;
import java.util.Map;
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

    /// A tenant's own word for it does not reach the node.
    @Test
    void tellsTheNodeHowManyProcessesTheProfileAllows() {
        var asking = WEB.replace("uid: u", "uid: u, annotations: {insula.io/pids-limit: '4000'}");
        var limited = Beans.profiles().settings("p", Map.of("sandbox", "runc", "pidsLimit", 100));

        assertThat(((HostPod) preview(limited, asking)).pod().getMetadata().getAnnotations())
                .containsEntry(InsulaKeys.PIDS_LIMIT, "100");
        assertThat(((HostPod) preview("runc", asking)).pod().getMetadata().getAnnotations())
                .doesNotContainKey(InsulaKeys.PIDS_LIMIT);
    }

    private static HostWorkload preview(String sandbox, String pod) {
        return preview(Beans.settings(sandbox), pod);
    }

    private static HostWorkload preview(ProfileSettings settings, String pod) {
        return PodPreview.of(
                Serialization.unmarshal(pod, Pod.class),
                Beans.profiles(),
                TenantProfiles.only(settings),
                new TenantId("acme"));
    }
}
