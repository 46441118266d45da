package io.insula.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.controlplane.process.OneKafka;
import io.insula.node.image.ImageBuilder;
import io.insula.node.image.ImageSpec;
import io.insula.node.local.LocalNode;
import io.insula.node.machine.Machine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Pods of tenants as containers on this machine, beside simulated nodes; then one thing after the other is killed.
/// Without root they report themselves skipped; as root, a missing program is a failure.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Order(Integer.MAX_VALUE - 1)
final class RealNodesTest {

    @RegisterExtension
    static final OneKafka KAFKA = new OneKafka();

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String IMAGE = "localhost/insula-it/busybox:1";

    /// By which its process is found on this machine; under gVisor it is none of the machine's.
    private static final String LASTING_SECONDS = "48151623";

    private static final String KERNEL = """
            apiVersion: v1
            kind: Pod
            metadata: {name: kernel}
            spec:
              restartPolicy: Never
              containers:
              - name: main
                image: IMAGE
                command: [sh, -c, "uname -r >/dev/termination-log"]
                resources: {limits: {cpu: 100m, memory: 64Mi}}
            """.replace("IMAGE", IMAGE);

    private static final String LASTING = """
            apiVersion: v1
            kind: Pod
            metadata: {name: lasting}
            spec:
              terminationGracePeriodSeconds: 1
              containers:
              - name: main
                image: IMAGE
                command: [sh, -c, "trap 'exit 0' TERM; sleep SECONDS & wait"]
                resources: {limits: {cpu: 100m, memory: 64Mi}}
            """.replace("IMAGE", IMAGE).replace("SECONDS", LASTING_SECONDS);

    private static final String SHOP = """
            apiVersion: v1
            kind: Pod
            metadata: {name: shop, labels: {app: shop}}
            spec:
              terminationGracePeriodSeconds: 0
              containers:
              - name: main
                image: IMAGE
                command: [sh, -c, "echo open; mkdir /w; echo wares >/w/index.html; httpd -f -p 8080 -h /w"]
                resources: {limits: {cpu: 100m, memory: 64Mi}}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: shop}
            spec: {selector: {app: shop}, ports: [{port: 80, targetPort: 8080}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: alias}
            spec: {type: ExternalName, externalName: shop.default.svc.cluster.local}
            """.replace("IMAGE", IMAGE);

    private static final String GROWING = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: growing}
            spec:
              selector: {matchLabels: {app: growing}}
              template:
                metadata: {labels: {app: growing}}
                spec:
                  terminationGracePeriodSeconds: 0
                  containers:
                  - name: main
                    image: IMAGE
                    command: [sleep, "1000000"]
                    resources: {limits: {cpu: 100m, memory: 64Mi}}
            ---
            apiVersion: autoscaling/v2
            kind: HorizontalPodAutoscaler
            metadata: {name: growing}
            spec:
              scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: growing}
              maxReplicas: 2
              metrics:
              - type: Resource
                resource: {name: memory, target: {type: AverageValue, averageValue: 4Ki}}
            """.replace("IMAGE", IMAGE);

    private static final String ON_A_NODE = """
            apiVersion: v1
            kind: Pod
            metadata: {name: on-NODE}
            spec:
              nodeName: NODE
              terminationGracePeriodSeconds: 0
              containers:
              - name: main
                image: IMAGE
                command: [sh, -c, "mkdir /w; echo NODE >/w/index.html; httpd -f -p 8080 -h /w"]
            """.replace("IMAGE", IMAGE);

    private static final String LEDGER = """
            apiVersion: apps/v1
            kind: StatefulSet
            metadata: {name: ledger}
            spec:
              serviceName: ledger
              selector: {matchLabels: {app: ledger}}
              template:
                metadata: {labels: {app: ledger}}
                spec:
                  terminationGracePeriodSeconds: 1
                  containers:
                  - name: main
                    image: IMAGE
                    command: [sh, -c, "echo started >>/data/log; trap 'exit 0' TERM; sleep 1000000 & wait"]
                    volumeMounts: [{name: data, mountPath: /data}]
                    resources: {limits: {cpu: 100m, memory: 64Mi}}
              volumeClaimTemplates:
              - metadata: {name: data}
                spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 64Mi}}}
            """.replace("IMAGE", IMAGE);

    private final Installation insula = new Installation("both").with(KAFKA);
    private Kubectl acme = new Kubectl(insula.home(), insula.home());
    private Kubectl globex = acme;
    private final Set<String> known = new LinkedHashSet<>();

    @BeforeAll
    void start() throws IOException {
        Assumptions.assumeTrue(isRoot(), "containers need root");
        insula.insula("up").ok();
        Path root = busybox(Files.createDirectories(insula.home().resolve("it-image")));
        insula.insula("image", "build", "-t", IMAGE, "--from", root.toString(), "--cmd", "/bin/sh")
                .ok();
        acme = insula.tenant("acme", "gvisor");
        globex = insula.tenant("globex", "runc");
    }

    @AfterAll
    void stop() {
        insula.close();
    }

    @Test
    @Order(1)
    void saysWhatRunsWhere() {
        assertThat(insula.insula("status").ok())
                .contains(
                        "by containerd",
                        "runc, runsc",
                        "bare-metal-0",
                        "simulated: nothing runs on them",
                        "--nodes both");
        assertThat(insula.insula("image", "list").ok()).contains(IMAGE);
        assertThat(insula.insula(
                                "image",
                                "load",
                                insula.home().resolve("none.tar").toString())
                        .failed())
                .contains("cannot read");
        assertThat(insula.insula("image", "build", "-t", "NoTag", "--from", "/tmp")
                        .failed())
                .contains("a name with a tag");
    }

    /// The isolation profile takes effect: under gVisor a tenant's pod sees gVisor's kernel, under runc the machine's.
    @Test
    @Order(2)
    void runsPodsUnderTheKernelOfTheirProfile() {
        acme.apply(KERNEL);
        globex.apply(KERNEL);

        assertThat(said(acme, "kernel")).isEqualTo("4.4.0");
        assertThat(said(globex, "kernel")).isEqualTo(System.getProperty("os.version"));
        assertThat(acme.ok("get events")).contains("Container image", "already present on machine");
    }

    @Test
    @Order(3)
    void showsTheKernelOfEachPodInTheDemo() {
        String shown = insula.insula("demo").ok();

        assertThat(shown.lines().filter(line -> line.startsWith("acme ") && line.contains("gvisor")))
                .hasSize(2)
                .allSatisfy(line -> assertThat(line).contains("Running").endsWith("4.4.0"));
        assertThat(shown.lines().filter(line -> line.startsWith("globex ") && line.contains("(node's own)")))
                .hasSize(2)
                .allSatisfy(line -> assertThat(line).contains("Running").endsWith(System.getProperty("os.version")));
        assertThat(shown).contains("Not shown: kata", "Not shown: kubevirt", "Audit events of acme");
        acme.ok("delete deployment web");
        globex.ok("delete deployment web");
    }

    /// Whole: from kubectl through the tenant's API server and the host's to the container, and from the container by
    /// a Service's name; another tenant's pod tries the same by address.
    @Test
    @Order(4)
    void givesPodsLogsShellsAndNamesAndWallsTenantsApart() {
        acme.apply(SHOP);
        globex.apply(SHOP);
        acme.ok("wait pod/shop --for=condition=Ready --timeout=180s");
        globex.ok("wait pod/shop --for=condition=Ready --timeout=180s");

        assertThat(acme.ok("logs shop")).isEqualTo("open\n");
        assertThat(acme.run("exec", "shop", "--", "sh", "-c", "uname -r; exit 3"))
                .satisfies(run -> assertThat(run.code()).isEqualTo(3))
                .satisfies(run -> assertThat(run.out()).isEqualTo("4.4.0\n"));
        Installation.await(
                "the Service",
                PATIENCE,
                () -> fetches(globex, "shop.default.svc.cluster.local").equals("wares\n"));
        Installation.await(
                "its other name",
                PATIENCE,
                () -> fetches(globex, "alias.default.svc.cluster.local").equals("wares\n"));
        assertThat(globex.run(
                                "exec",
                                "shop",
                                "--",
                                "sh",
                                "-c",
                                "nc -w 10 kubernetes.default.svc.cluster.local 443 </dev/null && echo reached")
                        .out())
                .as("its own API server")
                .isEqualTo("reached\n");

        String address = acme.ok("get pod shop -o jsonpath={.status.podIP}");
        String service = acme.ok("get service shop -o jsonpath={.spec.clusterIP}");
        Installation.await(
                "the shop", PATIENCE, () -> fetches(acme, address + ":8080").equals("wares\n"));
        for (String foreign : List.of(address + ":8080", service)) {
            assertThat(fetches(globex, foreign)).as(foreign).isEmpty();
        }
        acme.ok("delete pod/shop service/shop service/alias --now");
        globex.ok("delete pod/shop service/shop service/alias --now");
    }

    /// `kubectl debug`: a container beside those that run, into whose processes it looks.
    @Test
    @Order(4)
    void debugsRunningPods() {
        for (Kubectl tenant : List.of(acme, globex)) {
            tenant.apply(SHOP);
        }
        acme.ok("wait pod/shop --for=condition=Ready --timeout=180s");
        globex.ok("wait pod/shop --for=condition=Ready --timeout=180s");

        // a terminal, as who types this has one
        String look = String.join(
                " ",
                globex.binary().toString(),
                "--kubeconfig=" + globex.kubeconfig(),
                "debug shop -it -c look --target=main --image=" + IMAGE,
                "-- sh -c \"read said; tty; busybox tr '\\\\000' ' ' </proc/1/cmdline; echo got \\$said; sleep 3\"");
        Run seen = Run.of(List.of("script", "-q", "-e", "-c", look, "/dev/null"), "hello\n", PATIENCE);
        assertThat(seen.out()).contains("/dev/pts/", "httpd -f -p 8080", "got hello");
        acme.run("debug", "shop", "-c", "look", "--image=" + IMAGE, "--", "sh", "-c", "uname -r; exit 3")
                .ok();
        acme.ok("wait pod/shop --timeout=180s"
                + " --for=jsonpath={.status.ephemeralContainerStatuses[0].state.terminated.exitCode}=3");
        assertThat(acme.ok("logs shop -c look")).isEqualTo("4.4.0\n");
        for (Kubectl tenant : List.of(acme, globex)) {
            assertThat(tenant.ok("get pod shop -o jsonpath={.status.containerStatuses[0].restartCount}"))
                    .isEqualTo("0");
            tenant.ok("delete pod/shop service/shop service/alias --now");
        }
    }

    /// The page that the shop's pod gets. By `nc`, as a reader that waits without `poll` is sometimes told at
    /// once by old gVisors, which use the kernel's network stack, that there is nothing to read.
    private static String fetches(Kubectl tenant, String place) {
        String[] parts = place.split(":", -1);
        String port = parts.length == 1 ? "80" : parts[1];
        String answer = tenant.run(
                        "exec",
                        "shop",
                        "--",
                        "sh",
                        "-c",
                        "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 10 " + parts[0] + " " + port)
                .out();
        int head = answer.indexOf("\r\n\r\n");
        return head < 0 ? "" : answer.substring(head + 4);
    }

    /// What no real node can serve is simulated here, and nothing else is.
    @Test
    @Order(5)
    void simulatesOnlyWhatCannotRun() {
        Kubectl kata = insula.tenant("initech", "kata");
        Kubectl machines = insula.tenant("hooli", "kubevirt");
        kata.apply(KERNEL);
        machines.apply(KERNEL);
        kata.ok("wait pod/kernel --for=condition=PodScheduled --timeout=180s");
        machines.ok("wait pod/kernel --for=condition=PodScheduled --timeout=180s");

        assertThat(kata.ok("get pod kernel -o jsonpath={.spec.nodeName}")).startsWith("bare-metal-");
        assertThat(machines.ok("get pod kernel -o jsonpath={.spec.nodeName}")).startsWith("bare-metal-");
        assertThat(globex.ok("get pod kernel -o jsonpath={.spec.nodeName}")).doesNotMatch("(bare-metal|vm)-\\d");
        insula.insula("tenant", "delete", "initech").ok();
        insula.insula("tenant", "delete", "hooli").ok();
    }

    /// In the default class, which is the node's own disk.
    @Test
    @Order(6)
    void keepsTheDataOfAStatefulSet() {
        globex.apply(LEDGER);
        Installation.await(
                "its pod is made",
                PATIENCE,
                () -> globex.run("get", "pod", "ledger-0").code() == 0);
        globex.ok("wait pod/ledger-0 --for=condition=Ready --timeout=180s");
        assertThat(globex.ok("get pvc data-ledger-0 -o jsonpath={.spec.storageClassName}"))
                .isEqualTo("local");
        assertThat(globex.ok("exec ledger-0 -- cat /data/log")).isEqualTo("started\n");

        globex.ok("delete pod ledger-0 --now");
        Installation.await("another pod writes on", PATIENCE, () -> entries().equals("started\nstarted\n"));
        assertThat(acme.run("get", "pv").out()).as("another tenant's").doesNotContain("ledger");
    }

    /// As `kubectl top` and a HorizontalPodAutoscaler see it.
    @Test
    @Order(6)
    void growsWithWhatItsPodsUse() {
        globex.apply(GROWING);

        Installation.await(
                "another replica",
                PATIENCE,
                () -> globex.run("get", "deployment", "growing", "-o", "jsonpath={.status.readyReplicas}")
                        .out()
                        .equals("2"));
        assertThat(globex.ok("top pod -l app=growing")).containsPattern("growing-[^ ]+ +[0-9]+m +[0-9]+Mi");
        assertThat(acme.run("top", "pod", "-A").out()).as("another tenant's").doesNotContain("growing");
        globex.ok("delete hpa/growing deployment/growing");
    }

    /// By a kubeconfig of the host's, with a share of the machine; pods of both nodes reach each other.
    @Test
    @Order(6)
    void joinsAsASecondNodeUnderAnotherName() throws Exception {
        Kubectl host = insula.host();
        String own = device(host, Machine.name());
        Path log = insula.home().resolve("second.log");
        for (List<String> wrong :
                List.of(List.of("--cpus", "0"), List.of("--memory", "much"), List.of("--name", "A_B"))) {
            var words = new ArrayList<>(
                    List.of("node", "run", "--kubeconfig", host.kubeconfig().toString()));
            words.addAll(wrong);
            assertThat(insula.insula(words.toArray(String[]::new)).failed()).contains("expected: ");
        }
        Process second = insula.start(
                log,
                "node",
                "run",
                "--kubeconfig",
                host.kubeconfig().toString(),
                "--name",
                "second",
                "--cpus",
                "1",
                "--memory",
                "512Mi");
        try {
            Installation.await("it has joined", PATIENCE, () -> read(log).contains("second has joined, by"));
            host.ok("wait node/second --for=condition=Ready --timeout=180s");
            assertThat(device(host, "second")).isNotEqualTo(own);
            assertThat(devices()).hasSize(2);
            assertThat(host.ok("get node second -o jsonpath={.status.capacity.cpu}/{.status.capacity.memory}"))
                    .isEqualTo("1/512Mi");
            Path archive = insula.home().resolve("second.tar");
            ImageBuilder.build(insula.home().resolve("it-image"), ImageSpec.of(IMAGE, List.of("/bin/sh")), archive);
            LocalNode.access(insula.home().resolve("node/second")).load(archive);
            for (String node : List.of(Machine.name(), "second")) {
                host.apply(ON_A_NODE.replace("NODE", node));
            }
            for (String node : List.of(Machine.name(), "second")) {
                host.ok("wait pod/on-" + node + " --for=condition=Ready --timeout=180s");
            }
            for (List<String> pair : List.of(List.of(Machine.name(), "second"), List.of("second", Machine.name()))) {
                String address = host.ok("get pod on-" + pair.getLast() + " -o jsonpath={.status.podIP}");
                Installation.await(
                        "from " + pair.getFirst(),
                        PATIENCE,
                        () -> host.run(
                                        "exec",
                                        "on-" + pair.getFirst(),
                                        "--",
                                        "timeout",
                                        "10",
                                        "wget",
                                        "-q",
                                        "-O",
                                        "-",
                                        "http://" + address + ":8080/")
                                .out()
                                .equals(pair.getLast() + "\n"));
            }
            host.ok("delete pod on-" + Machine.name() + " on-second --now");
        } finally {
            second.destroy();
            assertThat(second.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS))
                    .isTrue();
            host.ok("delete node second --ignore-not-found");
        }
        assertThat(insula.processes("node/second")).isEmpty();
        assertThat(devices()).containsExactly(own);
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String entries() {
        return globex.run("exec", "ledger-0", "--", "cat", "/data/log").out();
    }

    @Test
    @Order(7)
    void leavesPodsRunningWhenTheServiceIsKilled() {
        globex.apply(LASTING);
        globex.ok("wait pod/lasting --for=condition=Ready --timeout=180s");
        String container = container("lasting");
        ProcessHandle process = processOf(LASTING_SECONDS).getFirst();

        insula.killService();
        assertThat(process.isAlive()).isTrue();
        insula.insula("up").ok();

        runsANewPod("after-service");
        assertThat(container("lasting")).isEqualTo(container);
        assertThat(restarts("lasting")).isEqualTo("0");
        assertThat(process.isAlive()).isTrue();
    }

    @Test
    @Order(8)
    void leavesPodsRunningWhenContainerdIsKilled() {
        String container = container("lasting");
        List<ProcessHandle> killed = insula.processes("config.toml");
        assertThat(killed).hasSize(1);

        killed.getFirst().destroyForcibly();

        Installation.await(
                "another containerd",
                PATIENCE,
                () -> insula.processes("config.toml").stream()
                        .anyMatch(each -> each.pid() != killed.getFirst().pid()));
        runsANewPod("after-containerd");
        assertThat(container("lasting")).isEqualTo(container);
        assertThat(restarts("lasting")).isEqualTo("0");
    }

    /// Also of a service that was killed: its containers are this home's, and `down` finds them.
    @Test
    @Order(9)
    void endsEverythingOnTheMachineWithDown() throws IOException {
        insula.killService();
        assertThat(processOf(LASTING_SECONDS)).isNotEmpty();
        assertThat(devices()).hasSize(1);

        insula.insula("down").ok();

        assertThat(processOf(LASTING_SECONDS)).isEmpty();
        assertThat(insula.processes("")).isEmpty();
        assertThat(devices()).isEmpty();
        assertThat(Files.readString(Path.of("/proc/mounts")))
                .doesNotContain(insula.home().toString());
    }

    /// As after a reboot: pods that should run are started anew.
    @Test
    @Order(10)
    void startsPodsAnewAfterDown() {
        insula.insula("up").ok();

        Installation.await(
                "it runs again", PATIENCE, () -> !processOf(LASTING_SECONDS).isEmpty());
        Installation.await(
                "and the tenant is told", PATIENCE, () -> restarts("lasting").equals("1"));
        Installation.await("its data is there", PATIENCE, () -> entries().equals("started\nstarted\nstarted\n"));
        assertThat(said(globex, "kernel"))
                .as("what had ended stays as it was")
                .isEqualTo(System.getProperty("os.version"));
    }

    private void runsANewPod(String name) {
        globex.apply(KERNEL.replace("name: kernel", "name: " + name));
        assertThat(said(globex, name)).isEqualTo(System.getProperty("os.version"));
    }

    private static String said(Kubectl tenant, String pod) {
        tenant.ok("wait pod/" + pod + " --for=jsonpath={.status.phase}=Succeeded --timeout=180s");
        return tenant.ok("get pod " + pod + " -o jsonpath={.status.containerStatuses[0].state.terminated.message}")
                .strip();
    }

    private String container(String pod) {
        return globex.ok("get pod " + pod + " -o jsonpath={.status.containerStatuses[0].containerID}");
    }

    private String restarts(String pod) {
        return globex.ok("get pod " + pod + " -o jsonpath={.status.containerStatuses[0].restartCount}");
    }

    private static List<ProcessHandle> processOf(String argument) {
        return ProcessHandle.allProcesses()
                .filter(each ->
                        each.info().arguments().stream().flatMap(Stream::of).anyMatch(argument::equals))
                .toList();
    }

    /// The end of a node's network, as the node says; from then on among [#devices()].
    private String device(Kubectl host, String node) {
        String device = host.ok("get node " + node + " -o jsonpath={.metadata.labels.insula\\.io/pod-network}");
        assertThat(device).as("of " + node).startsWith("insula");
        known.add(device);
        return device;
    }

    /// Those of this home's nodes that the machine has; other tests may run nodes meanwhile.
    private List<String> devices() {
        return known.stream()
                .filter(device -> Files.exists(Path.of("/sys/class/net", device)))
                .toList();
    }

    private static boolean isRoot() throws IOException {
        return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
    }

    /// This machine's own busybox under the names of what it can be.
    private static Path busybox(Path root) throws IOException {
        Path bin = Files.createDirectories(root.resolve("bin"));
        Path program = Stream.of("/usr/bin/busybox", "/bin/busybox")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new AssertionError("busybox-static is not installed"));
        Files.copy(program, bin.resolve("busybox"), StandardCopyOption.COPY_ATTRIBUTES);
        for (String name : List.of("sh", "sleep", "uname", "mkdir", "httpd", "wget", "nc", "timeout", "cat")) {
            Files.createSymbolicLink(bin.resolve(name), Path.of("busybox"));
        }
        return root;
    }
}
