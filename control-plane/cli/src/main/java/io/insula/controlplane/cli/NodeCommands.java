package io.insula.controlplane.cli;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.Config;
import io.insula.controlplane.home.Home;
import io.insula.controlplane.nodes.JoinedNode;
import io.insula.node.containerd.NodeException;
import io.insula.node.local.LocalNode;
import io.insula.node.machine.Machine;
import io.micronaut.context.annotation.Prototype;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/// `insula node`: this machine for clusters that others run.
@Prototype
@Command(name = "node", description = "This machine as a node of a cluster that is run elsewhere.")
final class NodeCommands implements InsulaCommand {

    /// Source: Kubernetes documentation, "Object Names and IDs", DNS subdomain names.
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?");

    @ParentCommand
    private Insula insula = new Insula();

    @Override
    public int order() {
        return 80;
    }

    @Command(
            name = "run",
            description = {
                "Joins a cluster by a kubeconfig and runs its pods until it is stopped (SIGTERM, Ctrl-C), which ends them.",
                "The kubeconfig's user is system:node:NAME, or may impersonate it; it reads what the network follows from."
            })
    int run(
            @Option(names = "--kubeconfig", required = true, paramLabel = "FILE", description = "Of the cluster.")
                    Path kubeconfig,
            @Option(names = "--name", paramLabel = "NAME", description = "Of the node (default: the machine's).")
                    @Nullable
                    String name,
            @Option(names = "--cpus", paramLabel = "N", description = "Processors that it has to give (default: all).")
                    @Nullable
                    Integer cpus,
            @Option(
                            names = "--memory",
                            paramLabel = "QUANTITY",
                            description = "Memory that it has to give, as 4Gi (default: nearly all).")
                    @Nullable
                    String memory)
            throws InterruptedException {
        LocalNode.obstacle().ifPresent(why -> {
            throw new CommandException(why);
        });
        String called = name == null ? Machine.name() : name;
        if (!NAME.matcher(called).matches()) {
            throw new CommandException("--name: \"" + called + "\" (expected: a lower-case DNS name, ≤ 63 characters)");
        }
        var share = new LocalNode.Share(
                Optional.ofNullable(cpus), Optional.ofNullable(memory).map(NodeCommands::bytes));
        JoinedNode node = join(insula.home(), read(kubeconfig), new JoinedNode.Wish(called, share));
        var ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            node.close();
            ended.countDown();
        }));
        System.out.println(called + " has joined, by " + node.description());
        ended.await();
        return 0;
    }

    private static JoinedNode join(Home home, Config kubeconfig, JoinedNode.Wish wish) {
        try {
            return JoinedNode.start(home.root().resolve("node").resolve(wish.name()), kubeconfig, wish);
        } catch (NodeException e) {
            throw new CommandException("this machine cannot be the node " + wish.name() + ": " + e.getMessage(), e);
        }
    }

    private static Config read(Path kubeconfig) {
        try {
            return Config.fromKubeconfig(Files.readString(kubeconfig, StandardCharsets.UTF_8));
        } catch (IOException | RuntimeException e) {
            throw new CommandException("cannot read the kubeconfig " + kubeconfig + ": " + e.getMessage(), e);
        }
    }

    private static long bytes(String memory) {
        try {
            return Quantity.getAmountInBytes(new Quantity(memory)).longValueExact();
        } catch (RuntimeException e) {
            throw new CommandException("--memory: \"" + memory + "\" (expected: such as 4Gi)", e);
        }
    }
}
