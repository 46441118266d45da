package io.insula.controlplane.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.insula.controlplane.cluster.TenantUsage.Use;
import io.insula.isolation.HostWorkload.HostPod;
import io.insula.isolation.IsolationProfile;
import io.insula.isolation.ProfileSettings;
import io.insula.isolation.Profiles;
import io.insula.isolation.Sandbox;
import io.insula.isolation.TenantProfiles;
import io.insula.isolation.Translation;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.quota.QuotaEvaluator;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// Somebody tries to have a pod count as less than what the host runs for it, by changing it after it was measured.
class PodMeasureTest {

    private static final QuotaEvaluator PODS = QuotaEvaluator.of(new GroupVersionResource("", "v1", "pods"));
    private static final String MEMORY = "limits.memory";

    private final Doubling doubling = new Doubling();
    private final Profiles profiles = new Profiles(List.of(doubling));
    private final PodMeasure measure = new PodMeasure(profiles);
    private TenantProfiles own = profiles();

    /// Gives a pod twice the memory that it asks for.
    private static final class Doubling implements IsolationProfile {
        private final AtomicInteger asked = new AtomicInteger();

        @Override
        public Sandbox sandbox() {
            return Sandbox.ofPods("doubling");
        }

        @Override
        public Translation translate(Pod pod, ProfileSettings settings) {
            asked.incrementAndGet();
            var limits = pod.getSpec().getContainers().getFirst().getResources().getLimits();
            long memory = Quantity.getAmountInBytes(Objects.requireNonNull(limits.get("memory")))
                    .longValueExact();
            Pod host = new PodBuilder(pod)
                    .editSpec()
                    .editFirstContainer()
                    .editResources()
                    .withLimits(Map.of("memory", new Quantity(Long.toString(2 * memory))))
                    .endResources()
                    .endContainer()
                    .endSpec()
                    .build();
            return new Translation(settings.name(), new HostPod(host), List.of());
        }
    }

    @Test
    void asksTheProfileOnceForAPodOfWhichOnlyItsNodeTells() {
        ObjectNode pod = pod();

        assertThat(memory(pod)).isEqualTo("200");
        assertThat(memory(changed(pod, it -> it.withObjectProperty("spec").put("nodeName", "metal-1"))))
                .isEqualTo("200");
        assertThat(memory(changed(pod, it -> it.putObject("status").put("phase", "Running"))))
                .isEqualTo("200");
        assertThat(of(changed(pod, it -> it.putObject("status").put("phase", "Succeeded")))
                        .amounts()
                        .byName())
                .as("what has ended takes nothing")
                .doesNotContainKey(MEMORY);
        assertThat(doubling.asked).hasValue(1);
    }

    @Test
    void measuresAnewWhateverTheProfileReads() {
        ObjectNode pod = pod();
        memory(pod);

        assertThat(memory(changed(
                        pod, it -> ((ObjectNode) it.at("/spec/containers/0/resources/limits")).put("memory", "300"))))
                .isEqualTo("600");
        memory(changed(pod, it -> it.withObject("/metadata/labels").put(Profiles.ASK, "p")));
        memory(changed(pod, it -> it.withObject("/metadata/annotations").put("a", "b")));
        own = profiles();
        memory(pod);
        memory(changed(pod, it -> it.withObject("/metadata").put("uid", "u2")));

        assertThat(doubling.asked).hasValue(6);
    }

    @Test
    void leavesThePodAsItIs() {
        ObjectNode pod = changed(pod(), it -> it.withObjectProperty("spec").put("nodeName", "metal-1"));
        ObjectNode before = pod.deepCopy();

        of(pod);

        assertThat(pod).isEqualTo(before);
    }

    private TenantProfiles profiles() {
        return TenantProfiles.only(profiles.settings("p", Map.of("sandbox", "doubling")));
    }

    private String memory(ObjectNode pod) {
        return of(pod).amounts().toTree().path(MEMORY).asText();
    }

    private Use of(ObjectNode pod) {
        return measure.of(pod, own, PODS, Instant.EPOCH);
    }

    private static ObjectNode changed(ObjectNode pod, Consumer<ObjectNode> change) {
        ObjectNode copy = pod.deepCopy();
        change.accept(copy);
        return copy;
    }

    private static ObjectNode pod() {
        ObjectNode pod = Json.object().put("apiVersion", "v1").put("kind", "Pod");
        pod.putObject("metadata").put("name", "web").put("namespace", "shop").put("uid", "u1");
        ObjectNode container = pod.putObject("spec").putArray("containers").addObject();
        container.put("name", "web").put("image", "nginx");
        container.putObject("resources").putObject("limits").put("memory", "100");
        return pod;
    }
}
