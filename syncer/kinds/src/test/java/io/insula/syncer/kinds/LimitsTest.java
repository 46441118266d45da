package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToTenant;
import io.insula.syncer.engine.Change.CreateOnHost;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What the API lets a tenant write at its limits is still within the host's, although the host object has names and
/// annotations of ours too.
///
/// Source: Kubernetes documentation, "Object Names and IDs", "Labels and Selectors"; kubernetes/apimachinery,
/// `TotalAnnotationSizeLimitB`.
class LimitsTest {

    private static final FixedView VIEW = FixedView.of("runc");
    private static final long ANNOTATIONS = 256 * 1024;
    private final PodSyncer syncer = new PodSyncer(Beans.profiles());

    @Test
    void theLongestNamesAndLabelsFit() {
        var labels = new HashMap<String, String>();
        labels.put("p".repeat(63) + ".example/" + "k".repeat(63), "v".repeat(63));
        labels.put("k".repeat(63), "");
        labels.put("a", "b");
        var pod = pod("a.".repeat(126) + "a", labels, Map.of("note", "x".repeat(250 * 1024)), "");

        var host = host(syncer.decide(new TenantOnly<>(pod), VIEW));

        assertThat(host.getMetadata().getName()).matches("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
        assertThat(host.getSpec().getHostname()).matches("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
        host.getMetadata().getLabels().forEach((key, value) -> {
            assertThat(key).matches("[a-z.]+/[a-zA-Z0-9]([-_.a-zA-Z0-9]{0,61}[a-zA-Z0-9])?");
            assertThat(value).hasSizeLessThanOrEqualTo(63);
        });
        assertThat(bytes(host)).isLessThan(ANNOTATIONS);
    }

    /// Also with thousands of labels, which have no limit of their own.
    @Test
    void whatAPodMountsOfItselfFitsOrIsRefused() {
        var many = new HashMap<String, String>();
        for (int i = 0; i < 5000; i++) {
            many.put("label-" + i, "v".repeat(60));
        }
        var half = Map.of("note", "x".repeat(120 * 1024));
        var all = Map.of("note", "x".repeat(240 * 1024));

        assertThat(bytes(host(
                        syncer.decide(new TenantOnly<>(pod("web", Map.of(), half, "metadata.annotations")), VIEW))))
                .isLessThan(ANNOTATIONS);
        for (var pod : List.of(
                pod("web", Map.of(), all, "metadata.annotations"),
                pod("web", Map.of(), all, "metadata.annotations['note']"),
                pod("web", many, Map.of(), "metadata.labels"))) {
            assertThat(syncer.decide(new TenantOnly<>(pod), VIEW))
                    .noneMatch(CreateOnHost.class::isInstance)
                    .anyMatch(change -> change instanceof ApplyToTenant told
                            && told.wanted().toString().contains("metadata.annotations: what the pod mounts"));
        }
    }

    private static Pod host(List<Change> changes) {
        return (Pod) ((CreateOnHost) changes.getFirst()).wanted();
    }

    private static long bytes(Pod pod) {
        return pod.getMetadata().getAnnotations().entrySet().stream()
                .mapToLong(each -> each.getKey().length() + each.getValue().length())
                .sum();
    }

    private static Pod pod(String name, Map<String, String> labels, Map<String, String> annotations, String mounted) {
        var builder = new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("n".repeat(63))
                .withUid("u1")
                .withLabels(labels)
                .withAnnotations(annotations)
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("c")
                .withImage("i")
                .endContainer()
                .endSpec();
        return mounted.isEmpty()
                ? builder.build()
                : builder.editSpec()
                        .addNewVolume()
                        .withName("v")
                        .withNewDownwardAPI()
                        .addNewItem()
                        .withPath("p")
                        .withNewFieldRef()
                        .withFieldPath(mounted)
                        .endFieldRef()
                        .endItem()
                        .endDownwardAPI()
                        .endVolume()
                        .endSpec()
                        .build();
    }
}
