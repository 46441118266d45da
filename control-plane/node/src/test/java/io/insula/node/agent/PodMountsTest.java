package io.insula.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.node.pod.FakeSources;
import io.insula.node.pod.NodeFacts;
import io.insula.node.pod.PodSources;
import io.insula.node.volumes.PodVolumes;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PodMountsTest {

    private final CountingSources sources = new CountingSources();
    private final List<String> faults = new ArrayList<>();
    private final Path folder;
    private final PodMounts mounts;
    private Instant now = Instant.EPOCH;

    PodMountsTest(@TempDir Path folder) {
        this.folder = folder;
        var facts = new NodeFacts("node", "192.0.2.1", List.of(), "cluster.local", 1 << 30, folder, "/none");
        var settings = new NodeSettings(facts, Map.of(), List.of(), Map.of(), "", folder.resolve("pods"));
        this.mounts = new PodMounts(
                new PodVolumes(settings.pods(), sources), settings, (_, said) -> faults.add(said), () -> now);
    }

    @BeforeEach
    void fill() {
        sources.objects.configMap("map", Map.of("key", "old"));
    }

    @Test
    void asksOnceForAllContainersAndIdleLooks() {
        assertThat(mounts.due()).isEmpty();
        Map<String, Path> first = mounts.prepare(view(pod())).orElseThrow();
        for (int look = 0; look < 5; look++) {
            assertThat(mounts.prepare(view(pod()))).contains(first);
        }
        assertThat(sources.asked).isEqualTo(1);
        assertThat(mounts.due()).contains(now.plus(PodMounts.REFRESH));
    }

    @Test
    void bringsWhatChangedInTimeThoughThePodIsTheSame() {
        mounts.prepare(view(pod()));
        sources.objects.configMap("map", Map.of("key", "new"));
        now = now.plus(PodMounts.REFRESH).minus(Duration.ofMillis(1));
        mounts.prepare(view(pod()));
        assertThat(file("key")).hasContent("old");
        now = now.plusMillis(1);
        mounts.prepare(view(pod()));
        assertThat(file("key")).hasContent("new");
        assertThat(mounts.due()).contains(now.plus(PodMounts.REFRESH));
    }

    @Test
    void bringsAtOnceWhatChangedOnThePod() {
        mounts.prepare(view(pod()));
        assertThat(file("labels")).hasContent("a=\"1\"");
        Pod labelled = new PodBuilder(pod())
                .editMetadata()
                .addToLabels("a", "2")
                .endMetadata()
                .build();
        mounts.prepare(view(labelled));
        assertThat(file("labels")).hasContent("a=\"2\"");
        Pod annotated = new PodBuilder(labelled)
                .editMetadata()
                .addToAnnotations("b", "3")
                .endMetadata()
                .build();
        mounts.prepare(view(annotated));
        assertThat(file("annotations")).hasContent("b=\"3\"");
        Pod resized = new PodBuilder(annotated)
                .editSpec()
                .editFirstContainer()
                .editResources()
                .addToLimits("memory", new io.fabric8.kubernetes.api.model.Quantity("2Mi"))
                .endResources()
                .endContainer()
                .endSpec()
                .build();
        mounts.prepare(view(resized));
        assertThat(file("memory")).hasContent("2097152");
    }

    @Test
    void triesAgainAfterAFault() {
        sources.objects.configMap("map", Map.of());
        assertThat(mounts.prepare(view(pod()))).isEmpty();
        assertThat(mounts.due()).isEmpty();
        assertThat(faults).singleElement().asString().contains("non-existent configmap key: key");
        sources.objects.configMap("map", Map.of("key", "there"));
        assertThat(mounts.prepare(view(pod()))).isPresent();
        assertThat(file("key")).hasContent("there");
    }

    private Path file(String name) {
        return folder.resolve("pods/uid-1/volumes/all").resolve(name);
    }

    private static PodView view(Pod pod) {
        return new PodView(pod, Optional.empty(), Map.of());
    }

    /// Each time another object of the same content, as the API server's answers are.
    private static Pod pod() {
        return Serialization.unmarshal("""
                metadata: {name: pod, namespace: ns, uid: uid-1, labels: {a: '1'}}
                status: {podIP: 10.0.0.5}
                spec:
                  containers: [{name: main, resources: {limits: {memory: 1Mi}}}]
                  volumes:
                  - name: all
                    projected:
                      sources:
                      - {configMap: {name: map, items: [{key: key, path: key}]}}
                      - downwardAPI:
                          items:
                          - {path: labels, fieldRef: {fieldPath: metadata.labels}}
                          - {path: annotations, fieldRef: {fieldPath: metadata.annotations}}
                          - {path: memory, resourceFieldRef: {containerName: main, resource: limits.memory}}
                """, Pod.class);
    }

    private static final class CountingSources implements PodSources {

        private final FakeSources objects = new FakeSources();
        private int asked;

        @Override
        public Optional<ConfigMap> configMap(String namespace, String name) {
            asked++;
            return objects.configMap(namespace, name);
        }

        @Override
        public Optional<Secret> secret(String namespace, String name) {
            return objects.secret(namespace, name);
        }

        @Override
        public Optional<PersistentVolumeClaim> claim(String namespace, String name) {
            return objects.claim(namespace, name);
        }

        @Override
        public Optional<PersistentVolume> volume(String name) {
            return objects.volume(name);
        }

        @Override
        public List<Service> services(String namespace) {
            return objects.services(namespace);
        }

        @Override
        public String token(Pod pod, List<String> audiences, long seconds) {
            return objects.token(pod, audiences, seconds);
        }
    }
}
