package io.insula.node.volumes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.node.machine.Trees;
import io.insula.node.pod.DownwardFields.Surroundings;
import io.insula.node.pod.FakeSources;
import io.insula.node.pod.PodAddresses;
import io.insula.node.pod.PodFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PodVolumesTest {

    private static final Surroundings AROUND =
            new Surroundings(new PodAddresses(List.of("10.0.0.5"), "192.0.2.1"), Map.of());

    private Path folder = Path.of("folder");

    private final FakeSources sources = new FakeSources();

    @BeforeEach
    void makeFolder() throws IOException {
        folder = Files.createTempDirectory("insula-volumes");
    }

    /// Not by JUnit, which would go through mounts.
    @AfterEach
    void removeFolder() throws IOException {
        MemoryFolders.unmountBelow(folder);
        Trees.delete(folder);
    }

    @Test
    void makesFilesOfObjects() throws IOException {
        sources.configMap("map", Map.of("one", "1", "two", "2")).secret("secret", Map.of("key", "hidden"));
        Map<String, Path> volumes = prepare("""
                - {name: plain, configMap: {name: map}}
                - {name: chosen, configMap: {name: map, defaultMode: 256, items: [{key: one, path: deep/er, mode: 288}, {key: two, path: 'two'}]}}
                - {name: absent, secret: {secretName: none, optional: true}}
                - name: all
                  projected:
                    sources:
                    - {secret: {name: secret}}
                    - {serviceAccountToken: {path: token, audience: vault, expirationSeconds: 600}}
                    - downwardAPI:
                        items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]
                """);

        assertThat(at(volumes, "plain").resolve("one")).hasContent("1");
        assertThat(mode(at(volumes, "plain").resolve("one"))).isEqualTo(0644);
        assertThat(at(volumes, "chosen").resolve("deep/er")).hasContent("1");
        assertThat(mode(at(volumes, "chosen").resolve("deep/er"))).isEqualTo(288);
        assertThat(mode(at(volumes, "chosen").resolve("two"))).isEqualTo(256);
        assertThat(at(volumes, "absent")).isEmptyDirectory();
        assertThat(at(volumes, "all").resolve("key")).hasContent("hidden");
        assertThat(at(volumes, "all").resolve("token")).hasContent("token of pod for [vault] and 600 s");
        assertThat(at(volumes, "all").resolve("labels")).hasContent("a=\"b \\\"c\\\"\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "configMap: {name: none}|configmap \"none\" not found",
                "secret: {secretName: none}|secret \"none\" not found",
                "configMap: {name: map, items: [{key: no, path: p}]}|references non-existent configmap key: no",
                "configMap: {name: map, items: [{key: k, path: ../../out}]}|leads out of the volume",
                "csi: {driver: d}|of the kind csi",
                "nfs: {server: s, path: /}|of the kind nfs",
                "hostPath: {path: /proc/self/status, type: Directory}|is not a directory",
                "emptyDir: {medium: Gold}|unknown storage medium"
            })
    void saysWhichVolumeCannotBe(String volume, String message) {
        sources.configMap("map", Map.of("k", "v"));
        assertThatThrownBy(() -> prepare("- {name: data, " + volume + "}"))
                .isInstanceOf(VolumeFault.class)
                .hasMessageStartingWith("MountVolume.SetUp failed for volume \"data\" : ")
                .hasMessageContaining(message);
        assertThat(folder.resolve("out")).doesNotExist();
    }

    /// A reader who looks at two files sees both of one writing, whenever it looks.
    @Test
    void changesAllFilesAtOnce() throws Exception {
        sources.configMap("map", Map.of("a", "0", "b", "0"));
        Path volume = at(prepare("- {name: v, configMap: {name: map}}"), "v");
        var done = new AtomicBoolean();
        var torn = new AtomicInteger();
        Thread reader = Thread.ofVirtual().start(() -> {
            while (!done.get()) {
                try {
                    Path data = volume.resolve("..data").toRealPath();
                    if (!Files.readString(data.resolve("a")).equals(Files.readString(data.resolve("b")))) {
                        torn.incrementAndGet();
                    }
                } catch (IOException e) {
                    // removed after a newer one took its place: look again
                }
            }
        });
        for (int i = 1; i <= 200; i++) {
            sources.configMap("map", Map.of("a", Integer.toString(i), "b", Integer.toString(i)));
            prepare("- {name: v, configMap: {name: map}}");
            assertThat(volume.resolve("a")).hasContent(Integer.toString(i));
        }
        done.set(true);
        reader.join();
        assertThat(torn).hasValue(0);

        sources.configMap("map", Map.of("b", "x"));
        prepare("- {name: v, configMap: {name: map}}");
        assertThat(volume.resolve("a")).doesNotExist();
        assertThat(volume.resolve("b")).hasContent("x");
        try (var left = Files.list(volume)) {
            assertThat(left.map(p -> p.getFileName().toString()))
                    .contains("..data", "b")
                    .hasSize(3);
        }
    }

    @Test
    void keepsWhatIsInAnEmptyDirUntilThePodIsGone() throws IOException {
        Map<String, Path> volumes = prepare("- {name: scratch, emptyDir: {}}");
        assertThat(mode(at(volumes, "scratch"))).isEqualTo(0777);
        Files.writeString(at(volumes, "scratch").resolve("file"), "kept");
        assertThat(at(prepare("- {name: scratch, emptyDir: {}}"), "scratch").resolve("file"))
                .hasContent("kept");

        new PodVolumes(folder.resolve("pods"), sources).remove("uid-1");
        assertThat(folder.resolve("pods/uid-1")).doesNotExist();
        new PodVolumes(folder.resolve("pods"), sources).remove("uid-1");
    }

    @Test
    void boundsWhatIsKeptInMemoryAndLeavesTheMachinesPaths() throws IOException {
        Assumptions.assumeTrue((int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0, "mounts need root");
        Path machine = Files.createDirectories(folder.resolve("machine"));
        Files.writeString(machine.resolve("file"), "the machine's");
        Map<String, Path> volumes = prepare("""
                - {name: memory, emptyDir: {medium: Memory, sizeLimit: 1Mi}}
                - {name: machine, hostPath: {path: %s, type: Directory}}
                """.formatted(machine));
        Path memory = at(volumes, "memory");
        assertThat(Files.getFileStore(memory).type()).isEqualTo("tmpfs");
        assertThatThrownBy(() -> Files.write(memory.resolve("large"), new byte[2 << 20]))
                .hasMessageContaining("No space left");
        assertThat(at(volumes, "machine")).isEqualTo(machine);

        new PodVolumes(folder.resolve("pods"), sources).remove("uid-1");
        assertThat(Files.readString(Path.of("/proc/self/mounts"))).doesNotContain(folder.toString());
        assertThat(machine.resolve("file")).hasContent("the machine's");
    }

    @Test
    void givesVolumesToTheGroupThatThePodNames() throws IOException {
        Assumptions.assumeTrue((int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0, "owners need root");
        sources.secret("secret", Map.of("key", "hidden"));
        Pod pod = pod("""
                - {name: scratch, emptyDir: {}}
                - {name: secret, secret: {secretName: secret, defaultMode: 256}}
                """);
        pod.getSpec().setSecurityContext(Serialization.unmarshal("fsGroup: 4321", PodSecurityContext.class));
        Map<String, Path> volumes = new PodVolumes(folder.resolve("pods"), sources).prepare(pod, AROUND);

        assertThat(Files.getAttribute(at(volumes, "scratch"), "unix:gid")).isEqualTo(4321);
        assertThat(mode(at(volumes, "scratch"))).isEqualTo(02777);
        assertThat(Files.getAttribute(at(volumes, "secret").resolve("key"), "unix:gid"))
                .isEqualTo(4321);
        assertThat(mode(at(volumes, "secret").resolve("key"))).isEqualTo(0440);
    }

    /// What a container put into a volume, the next one's path must not follow out of it.
    @Test
    void doesNotFollowLinksOutOfAVolume() throws IOException {
        Assumptions.assumeTrue((int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0, "mounts need root");
        sources.configMap("map", Map.of("key", "value"));
        var volumes = new PodVolumes(folder.resolve("pods"), sources);
        Map<String, Path> made = prepare("- {name: v, emptyDir: {}}\n- {name: map, configMap: {name: map}}");
        Path volume = at(made, "v");
        // Not the machine's own files: were they bound here by a fault, a clean-up would remove them.
        Path outside = Files.createDirectories(folder.resolve("outside"));
        Files.createDirectories(outside.resolve("etc"));
        Files.writeString(outside.resolve("passwd"), "the machine's");
        Files.createSymbolicLink(volume.resolve("root"), outside);
        Files.createSymbolicLink(volume.resolve("up"), Path.of("../../../../outside"));
        Files.createSymbolicLink(volume.resolve("passwd"), outside.resolve("passwd"));
        Files.createDirectories(volume.resolve("real"));
        Files.writeString(volume.resolve("real/file"), "inside");
        Files.createSymbolicLink(volume.resolve("link"), Path.of("real"));

        for (String out : List.of("root", "root/etc", "up", "up/new", "passwd", "link/../../x")) {
            assertThatThrownBy(() -> volumes.subPath("uid-1", "main", 0, volume, Path.of(out)))
                    .as(out)
                    .isInstanceOf(PodFault.class)
                    .hasMessageContaining("leads out of the volume");
        }
        assertThat(outside.resolve("new")).doesNotExist();
        assertThat(volumes.subPath("uid-1", "main", 1, volume, Path.of("link")).resolve("file"))
                .hasContent("inside");
        assertThat(volumes.subPath("uid-1", "main", 2, volume, Path.of("a/b"))).isEmptyDirectory();
        assertThat(volume.resolve("a/b")).isEmptyDirectory();
        assertThat(volumes.subPath("uid-1", "main", 3, at(made, "map"), Path.of("key")))
                .hasContent("value");

        volumes.remove("uid-1");
        assertThat(Files.readString(Path.of("/proc/self/mounts"))).doesNotContain(folder.toString());
    }

    private Map<String, Path> prepare(String volumes) {
        return new PodVolumes(folder.resolve("pods"), sources).prepare(pod(volumes), AROUND);
    }

    private static Pod pod(String volumes) {
        return Serialization.unmarshal(
                "metadata: {name: pod, namespace: ns, uid: uid-1, labels: {a: 'b \"c\"'}}\n"
                        + "spec:\n"
                        + "  containers: []\n"
                        + "  volumes:\n"
                        + volumes.indent(2),
                Pod.class);
    }

    private static Path at(Map<String, Path> volumes, String name) {
        return volumes.getOrDefault(name, Path.of("/missing/" + name));
    }

    private static int mode(Path path) throws IOException {
        return (int) Files.getAttribute(path, "unix:mode") & 07777;
    }
}
