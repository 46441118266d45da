package io.insula.node.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.node.containerd.OwnContainerd;
import io.insula.node.containerd.TestContainerd;
import io.insula.node.machine.Trees;
import io.insula.node.pod.NodeFacts;
import io.insula.node.runtime.Patience;
import io.insula.node.storage.LocalProvisioner;
import io.insula.node.storage.VolumeStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// Claims of pods that really run, from the scheduler's choice of the node to the end of the data.
@ExtendWith(TestContainerd.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RealClaimsTest {

    private static final String NAMESPACE = "shop";
    private static final String NODE = "claims-0";

    private final Path folder;
    private final TestCluster cluster;
    private final KubernetesClient client;
    private final VolumeStore store;
    private final NodeAgent agent;
    private LocalProvisioner provisioner;

    RealClaimsTest(OwnContainerd containerd) throws Exception {
        folder = Files.createTempDirectory("insula-real-claims");
        cluster = new TestCluster();
        client = cluster.client();
        store = new VolumeStore(folder.resolve("volumes"));
        var facts = new NodeFacts(
                NODE,
                "127.0.0.1",
                List.of(),
                "cluster.local",
                8L << 30,
                folder.resolve("logs"),
                "/insula-test/claims-0");
        Map<String, Quantity> capacity =
                Map.of("cpu", new Quantity("2"), "memory", new Quantity("4Gi"), "pods", new Quantity("50"));
        agent = NodeAgent.start(
                new NodeSettings(facts, Map.of(), List.of(), capacity, "", folder.resolve("pods")),
                cluster.nodeClient(NODE),
                containerd.runtime());
        provisioner = LocalProvisioner.start(client, NODE, store);
    }

    @BeforeAll
    void makeSurroundings() {
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMESPACE)
                        .endMetadata()
                        .build())
                .create();
        for (String policy : List.of("Delete", "Retain")) {
            client.resource(Serialization.unmarshal(
                            """
                    apiVersion: storage.k8s.io/v1
                    kind: StorageClass
                    metadata: {name: %s}
                    provisioner: insula.io/local
                    reclaimPolicy: %s
                    volumeBindingMode: WaitForFirstConsumer
                    allowVolumeExpansion: true
                    """.formatted(policy.toLowerCase(Locale.ROOT), policy), StorageClass.class))
                    .create();
        }
        Patience.until(
                "the account",
                () -> client.serviceAccounts()
                                .inNamespace(NAMESPACE)
                                .withName("default")
                                .get()
                        != null);
    }

    /// Not by JUnit, which would go through mounts.
    @AfterAll
    void stop() throws IOException {
        client.pods().inNamespace(NAMESPACE).withGracePeriod(0).delete();
        Patience.until(
                "no pods",
                () -> client.pods().inNamespace(NAMESPACE).list().getItems().isEmpty());
        Patience.until("nothing left of pods", () -> isEmpty(folder.resolve("pods")));
        provisioner.close();
        agent.close();
        cluster.close();
        store.unmountAll();
        Trees.delete(folder);
    }

    private static boolean isEmpty(Path path) {
        try (var files = Files.list(path)) {
            return files.findAny().isEmpty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void keepsDataFromPodToPodAndDeletesItWithTheClaim() {
        claim("data", "delete", "16Mi");
        run("first", "data", "echo kept > /data/file; id -g > /data/sub/owner");
        PersistentVolume volume = volumeOf("data");
        assertThat(volume.getSpec().getNodeAffinity()).isNotNull();
        assertThat(volume.getSpec().getCapacity()).containsEntry("storage", new Quantity("16Mi"));
        end("first");

        // as after a start of the machine
        provisioner.close();
        store.unmountAll();
        store.mountAll();
        provisioner = LocalProvisioner.start(client, NODE, store);
        run("second", "data", "cat /data/file > /dev/termination-log; ls /data >> /dev/termination-log");
        assertThat(said("second")).isEqualTo("kept\nfile\nsub\n");
        end("second");

        Path data = Path.of(volume.getSpec().getLocal().getPath());
        assertThat(data.resolve("file")).hasContent("kept");
        client.persistentVolumeClaims().inNamespace(NAMESPACE).withName("data").delete();
        Patience.until(
                "the volume goes",
                () -> client.persistentVolumes()
                                .withName(volume.getMetadata().getName())
                                .get()
                        == null);
        assertThat(folder.resolve("volumes").resolve(volume.getMetadata().getName()))
                .doesNotExist();
    }

    @Test
    void holdsAVolumeToItsSizeAndGrowsIt() throws IOException {
        claim("small", "delete", "16Mi");
        run(
                "filler",
                "small",
                "dd if=/dev/zero of=/data/big bs=1M count=64 2>/dev/null; echo $? > /dev/termination-log");
        assertThat(said("filler")).as("dd ran out of room").isNotEqualTo("0\n");
        if (!growsInUse()) {
            end("filler");
        }

        client.persistentVolumeClaims().inNamespace(NAMESPACE).withName("small").edit(claim -> {
            claim.getSpec().getResources().setRequests(Map.of("storage", new Quantity("128Mi")));
            return claim;
        });
        Patience.until(
                "the claim grows",
                () -> new Quantity("128Mi")
                        .equals(claim("small").getStatus().getCapacity().get("storage")));
        run(
                "again",
                "small",
                "until dd if=/dev/zero of=/data/big bs=1M count=64 2>/dev/termination-log;"
                        + " do df /data >> /dev/termination-log; sleep 1; done; echo 0 > /dev/termination-log");
        assertThat(said("again")).isEqualTo("0\n");
    }

    @Test
    void keepsWhatIsToBeRetained() {
        claim("kept", "retain", "16Mi");
        run("keeper", "kept", "echo precious > /data/file");
        PersistentVolume volume = volumeOf("kept");
        end("keeper");
        client.persistentVolumeClaims().inNamespace(NAMESPACE).withName("kept").delete();
        Patience.until(
                "it is released",
                () -> "Released"
                        .equals(client.persistentVolumes()
                                .withName(volume.getMetadata().getName())
                                .get()
                                .getStatus()
                                .getPhase()));
        // something later that has arrived
        claim("fence", "delete", "16Mi");
        run("fence", "fence", "true");
        assertThat(Path.of(volume.getSpec().getLocal().getPath()).resolve("file"))
                .hasContent("precious");
    }

    @Test
    void makesVolumesForOnePodAlone() {
        create("scratch", """
                {restartPolicy: Never, containers: [{name: main, image: IMAGE,
                  command: [sh, -c, 'echo x > /data/file && echo ok > /dev/termination-log'],
                  volumeMounts: [{name: own, mountPath: /data}]}],
                 volumes: [{name: own, ephemeral: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce],
                   storageClassName: delete, resources: {requests: {storage: 16Mi}}}}}}]}
                """);
        assertThat(said("scratch")).isEqualTo("ok\n");
        PersistentVolume volume = volumeOf("scratch-own");
        end("scratch");
        Patience.until(
                "its volume goes",
                () -> client.persistentVolumes()
                                .withName(volume.getMetadata().getName())
                                .get()
                        == null);
    }

    @Test
    void mountsOnlyToReadWhereThePodSaysSo() {
        claim("read", "delete", "16Mi");
        create("reader", """
                {restartPolicy: Never, containers: [{name: main, image: IMAGE,
                  command: [sh, -c, 'echo x > /data/file || echo refused > /dev/termination-log'],
                  volumeMounts: [{name: data, mountPath: /data}]}],
                 volumes: [{name: data, persistentVolumeClaim: {claimName: read, readOnly: true}}]}
                """);
        assertThat(said("reader")).isEqualTo("refused\n");
    }

    /// A pod writes into its volume whatever it likes: paths that lead to another's volume, and to the machine.
    @Test
    void nobodyReachesAnothersVolume() {
        claim("victim", "delete", "16Mi");
        run("victim", "victim", "echo hidden > /data/file");
        Path hidden = Path.of(volumeOf("victim").getSpec().getLocal().getPath());
        claim("evil", "delete", "16Mi");
        run(
                "planter",
                "evil",
                "ln -s " + hidden + " /data/other; ln -s ../../../"
                        + claim("victim").getSpec().getVolumeName() + "/mount/data /data/up; ln -s / /data/root");
        for (String path : List.of("other", "up", "root" + hidden, "../../..")) {
            String name = "thief-" + Integer.toHexString(path.hashCode());
            Pod pod = Serialization.unmarshal("""
                    apiVersion: v1
                    kind: Pod
                    metadata: {name: %s}
                    spec:
                      restartPolicy: Never
                      containers:
                      - name: main
                        image: %s
                        command: [cat, /data/file]
                        volumeMounts: [{name: data, mountPath: /data, subPath: '%s'}]
                      volumes: [{name: data, persistentVolumeClaim: {claimName: evil}}]
                    """.formatted(name, TestContainerd.IMAGE, path), Pod.class);
            if (path.startsWith("..")) {
                assertThatThrownBy(() -> client.pods()
                                .inNamespace(NAMESPACE)
                                .resource(pod)
                                .create())
                        .hasMessageContaining("..");
                continue;
            }
            client.pods().inNamespace(NAMESPACE).resource(pod).create();
            Patience.until(
                    path + " is refused",
                    () -> events("Pod", name).stream()
                            .anyMatch(message -> message.contains("leads out of the volume")));
        }
        // its own name is no path either
        assertThat(events("Pod", "planter")).noneMatch(message -> message.contains("hidden"));
    }

    @Test
    void saysWhyThereIsNoVolume() {
        client.persistentVolumeClaims()
                .inNamespace(NAMESPACE)
                .resource(Serialization.unmarshal("""
                        apiVersion: v1
                        kind: PersistentVolumeClaim
                        metadata: {name: shared}
                        spec: {accessModes: [ReadWriteMany], storageClassName: delete, resources: {requests: {storage: 1Gi}}}
                        """, PersistentVolumeClaim.class))
                .create();
        claim("huge", "delete", "8000Ti");
        for (String name : List.of("shared", "huge")) {
            create("of-" + name, spec(name, "true"));
        }
        Patience.until(
                "modes are refused",
                () -> events("PersistentVolumeClaim", "shared").stream()
                        .anyMatch(message ->
                                message.startsWith("failed to provision volume with StorageClass \"delete\": "
                                        + "spec.accessModes: ReadWriteMany is not supported")));
        Patience.until(
                "sizes are refused",
                () -> events("PersistentVolumeClaim", "huge").stream()
                        .anyMatch(message -> message.contains("not enough free storage")));
        // whoever binds by hand, past the scheduler, is told by the node
        Pod bound = pod("by-hand", spec("huge", "true"));
        bound.getSpec().setNodeName(NODE);
        client.pods().inNamespace(NAMESPACE).resource(bound).create();
        Patience.until(
                "the pod waits",
                () -> events("Pod", "by-hand").stream()
                        .anyMatch(message -> message.endsWith("error processing PVC shop/huge: PVC is not bound")));
    }

    /// Root may have less than all rights, as in containers. Source: capabilities(7), `CAP_SYS_RESOURCE`.
    private static boolean growsInUse() throws IOException {
        String rights = Files.readString(Path.of("/proc/self/status"))
                .lines()
                .filter(line -> line.startsWith("CapEff:"))
                .findFirst()
                .orElseThrow();
        return (Long.parseLong(rights.substring("CapEff:".length()).strip(), 16) >> 24 & 1) == 1;
    }

    private void claim(String name, String storageClass, String size) {
        client.persistentVolumeClaims()
                .inNamespace(NAMESPACE)
                .resource(Serialization.unmarshal("""
                        apiVersion: v1
                        kind: PersistentVolumeClaim
                        metadata: {name: %s}
                        spec: {accessModes: [ReadWriteOnce], storageClassName: %s, resources: {requests: {storage: %s}}}
                        """.formatted(name, storageClass, size), PersistentVolumeClaim.class))
                .create();
    }

    private PersistentVolumeClaim claim(String name) {
        return client.persistentVolumeClaims()
                .inNamespace(NAMESPACE)
                .withName(name)
                .get();
    }

    private PersistentVolume volumeOf(String claim) {
        return client.persistentVolumes()
                .withName(claim(claim).getSpec().getVolumeName())
                .get();
    }

    /// Runs a script with the claim at `/data`, and its folder `sub` beside, to its end.
    private void run(String name, String claim, String script) {
        create(name, spec(claim, script));
        await(name, pod -> "Succeeded".equals(pod.getStatus().getPhase()));
    }

    private static String spec(String claim, String script) {
        return """
                {restartPolicy: Never, terminationGracePeriodSeconds: 0, containers: [{name: main, image: IMAGE,
                  command: [sh, -c, '%s'], volumeMounts: [{name: data, mountPath: /data},
                  {name: data, mountPath: /sub, subPath: sub}]}],
                 volumes: [{name: data, persistentVolumeClaim: {claimName: %s}}]}
                """.formatted(script, claim);
    }

    private void create(String name, String spec) {
        client.pods().inNamespace(NAMESPACE).resource(pod(name, spec)).create();
    }

    private static Pod pod(String name, String spec) {
        return Serialization.unmarshal(
                "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name + "}\nspec: "
                        + spec.strip().replace("IMAGE", TestContainerd.IMAGE).replace("\n", "\n  "),
                Pod.class);
    }

    private Pod await(String name, Predicate<Pod> condition) {
        return Patience.some(
                name,
                () -> Optional.ofNullable(client.pods()
                                .inNamespace(NAMESPACE)
                                .withName(name)
                                .get())
                        .filter(condition));
    }

    private String said(String name) {
        return await(name, pod -> "Succeeded".equals(pod.getStatus().getPhase()))
                .getStatus()
                .getContainerStatuses()
                .getFirst()
                .getState()
                .getTerminated()
                .getMessage();
    }

    private void end(String name) {
        client.pods().inNamespace(NAMESPACE).withName(name).withGracePeriod(0).delete();
        Patience.until(
                name + " is gone",
                () -> client.pods().inNamespace(NAMESPACE).withName(name).get() == null);
    }

    private List<String> events(String kind, String name) {
        return client.v1().events().inNamespace(NAMESPACE).list().getItems().stream()
                .filter(event -> event.getInvolvedObject().getKind().equals(kind)
                        && event.getInvolvedObject().getName().equals(name))
                .map(event -> String.valueOf(event.getMessage()))
                .toList();
    }
}
