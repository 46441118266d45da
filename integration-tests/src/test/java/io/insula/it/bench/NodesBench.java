package io.insula.it.bench;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.it.backend.Backend;
import io.insula.node.image.ImageBuilder;
import io.insula.node.image.ImageSpec;
import io.insula.node.local.LocalNode;
import io.insula.node.network.PodNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Measures a node that really runs pods, beside raw containerd in the same run: pods one after the other and many at
/// once, exec, logs, Services, and what the agent takes. Needs root and what nodes need. Progress goes to standard
/// error, the tables at the end to standard output.
@Command(
        name = "bench nodes",
        description = "Measures a node that runs pods, beside raw containerd: pods, exec, logs, Services, memory.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class NodesBench implements Callable<Integer> {

    private static final String IMAGE = "localhost/insula-bench/busybox:1";

    @Option(
            names = "--rounds",
            description = "of each measurement of one thing (default: ${DEFAULT-VALUE})",
            defaultValue = "11")
    private int rounds;

    @Option(names = "--pods", description = "pods made at once (default: ${DEFAULT-VALUE})", defaultValue = "50")
    private int pods;

    @Option(
            names = "--services",
            description = "Services with 10 endpoints each, 0 for none (default: ${DEFAULT-VALUE})",
            defaultValue = "1000")
    private int services;

    @Option(
            names = "--idle-seconds",
            description = "how long the node is watched doing nothing (default: ${DEFAULT-VALUE})",
            defaultValue = "60")
    private int idleSeconds;

    @Option(
            names = "--history",
            paramLabel = "FILE",
            description = "earlier runs, one line of JSON each: this run is compared with the last and added")
    private @Nullable Path history;

    private final Report report = new Report(System.err, System.out);

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new NodesBench())
                .setExecutionExceptionHandler((e, command, _) -> {
                    System.err.println("bench nodes: " + e);
                    e.printStackTrace();
                    return 1;
                })
                .execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        if (rounds < 3 || pods < 1) {
            throw new IllegalArgumentException("--rounds, --pods: " + rounds + ", " + pods + " (expected: >= 3, >= 1)");
        }
        LocalNode.obstacle().ifPresent(why -> {
            throw new IllegalStateException(why);
        });
        Path folder = Files.createTempDirectory("insula-bench");
        try (var owned = new Owned("bench nodes")) {
            owned.add(() -> AtomicFiles.deleteTree(folder));
            report.machine("at the beginning");
            measure(folder, owned);
            report.machine("at the end");
        } finally {
            report.print();
        }
        if (history != null) {
            report.remember("nodes", history);
        }
        return 0;
    }

    private void measure(Path folder, Owned owned) throws Exception {
        Path archive = image(folder);
        report.doing("starting raw containerd, an API server and a node");
        RawContainers raw = owned.add(RawContainers.start(folder.resolve("raw"), archive, IMAGE));
        var server = owned.add(BenchServer.start(folder));
        Path kubeconfig = server.startInstance(owned.add(Backend.etcdProcess()).endpoint());
        var target = Target.of(kubeconfig);
        KubernetesClient client = owned.add(new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(Files.readString(kubeconfig)))
                .build());
        NodeProcess node = owned.add(NodeProcess.start(folder, kubeconfig));
        try (var access = LocalNode.access(node.home())) {
            access.load(archive);
        }
        var nodePods = owned.add(new NodePods(target, client, IMAGE));
        var starts = new NodeStarts(raw, node, nodePods, report);
        starts.oneByOne(rounds);
        streams(raw, client, nodePods);
        starts.atOnce(pods, idleSeconds);
        services(target, client, node);
    }

    private static Path image(Path folder) throws IOException {
        Path root = Files.createDirectories(folder.resolve("image"));
        Files.createDirectory(root.resolve("tmp"));
        LocalNode.addShell(root);
        Path archive = folder.resolve("image.tar");
        ImageBuilder.build(root, ImageSpec.of(IMAGE, List.of("/bin/sh")), archive);
        return archive;
    }

    private void streams(RawContainers raw, KubernetesClient client, NodePods pods) throws Exception {
        try (var lane = pods.lane();
                var streams = new NodeTalk(raw, pods, NodePods.server(client), report)) {
            Pod pod = pods.run(lane, "talker", NodeTalk.COMMAND);
            streams.exec(pod, rounds * 3);
            streams.logs(pod);
            pods.end(lane, "talker");
        }
    }

    private void services(Target target, KubernetesClient client, NodeProcess node) throws Exception {
        if (services < 1) {
            return;
        }
        report.doing("making " + services + " Services with 10 endpoints each");
        var all = new NodeServices(target, NodePods.NAMESPACE, services, 10);
        Path router = Path.of("/run/netns", device(client));
        all.make();
        all.awaitRules(router);
        long before = ContainerdTime.nanosOf(node.pid());
        var millis = new Sample(all.change(rounds, router));
        double cpu = (ContainerdTime.nanosOf(node.pid()) - before) / 1e6 / (rounds + 1);
        report.line(
                String.format(Locale.ROOT, "a change of one of %,d Services", services),
                String.format(Locale.ROOT, "%s until the kernel has it; CPU of agent and nft: %.0f ms", millis, cpu));
        report.figure("service.change.ms", millis.median(), false);
        report.atMost("change of one Service, median", millis.median(), 200, "ms");
    }

    /// Its name is that of the network namespace of the pods' router, too.
    private static String device(KubernetesClient client) {
        Map<String, String> labels = client.nodes()
                .withName(NodeProcess.NAME)
                .require()
                .getMetadata()
                .getLabels();
        return Objects.requireNonNull(labels.get(PodNetwork.LABEL), "the node says nothing of its network");
    }
}
