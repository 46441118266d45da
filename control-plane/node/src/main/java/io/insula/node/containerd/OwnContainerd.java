package io.insula.node.containerd;

import io.insula.node.machine.Command;
import io.insula.node.machine.CommandException;
import io.insula.node.machine.Trees;
import io.insula.node.network.NetworkException;
import io.insula.node.network.PodNetwork;
import io.insula.node.network.Router;
import io.insula.node.runtime.ContainerRuntime;
import io.insula.node.runtime.RuntimeFailure;
import io.insula.node.runtime.Sandbox;
import io.insula.process.ChildProcess;
import io.insula.process.ChildSpec;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A containerd of our own on this machine: own folders, socket, configuration, sandbox image and router. The machine's
/// own containerd, Docker, firewall and CNI configuration are not touched. Needs root.
///
/// Its end, also a sudden one, leaves containers running, as their shims are no children of it: the next start takes
/// them up again. [#destroy] leaves nothing. Thread-safe.
public final class OwnContainerd implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OwnContainerd.class);
    private static final Duration START = Duration.ofMinutes(2);
    private static final Duration STOP = Duration.ofSeconds(20);
    private static final Duration COMMAND = Duration.ofMinutes(5);
    private static final Duration SEEN = Duration.ofMinutes(2);

    private final ContainerdFiles files;
    private final Programs programs;
    private final PodNetwork network;
    private final Gvisor gvisor;
    private final ChildProcess process;
    private final ContainerdRuntime runtime;

    private OwnContainerd(
            ContainerdFiles files, Programs programs, PodNetwork network, Gvisor gvisor, ContainerdRuntime runtime) {
        this.files = files;
        this.programs = programs;
        this.network = network;
        this.gvisor = gvisor;
        this.runtime = runtime;
        this.process = new ChildProcess(new ChildSpec(
                "containerd",
                List.of(
                        programs.containerd().toString(),
                        "--config",
                        files.config().toString()),
                files.config().toString(),
                files.home(),
                files.log(),
                () -> runtime.info().problems().isEmpty(),
                START,
                STOP));
    }

    /// Starts one, or takes up the one that an earlier run of this home left, and waits until it can run pods.
    ///
    /// @param home made where it is missing; nobody else's
    /// @throws NodeException where this machine cannot; nothing runs then
    public static OwnContainerd start(Path home, PodNetwork network) {
        Programs programs = Programs.ofThisMachine();
        ContainerdFiles files = ContainerdFiles.of(home);
        try {
            files.make();
            Router.make(network);
            Gvisor gvisor = GvisorProbe.probe(programs, files.home());
            write(files, programs, network, gvisor);
            var containerd = new OwnContainerd(files, programs, network, gvisor, ContainerdRuntime.at(files.socket()));
            containerd.bringUp();
            return containerd;
        } catch (IOException | NetworkException e) {
            throw new NodeException("cannot prepare containerd in " + files.home() + ": " + e, e);
        }
    }

    private static void write(ContainerdFiles files, Programs programs, PodNetwork network, Gvisor gvisor)
            throws IOException {
        Files.writeString(files.config(), ContainerdConfig.of(files, programs, gvisor, canOverlay(files.root())));
        PodCables.write(files, programs, network);
        if (gvisor instanceof Gvisor.RuncShim shim) {
            RunscWrapper.write(shim, files.runscWrapper());
        }
    }

    /// An overlay cannot lie on an overlay, as it would in a container.
    private static boolean canOverlay(Path root) throws IOException {
        FileStore store = Files.getFileStore(root);
        return !store.type().equals("overlay");
    }

    private void bringUp() throws IOException {
        try {
            process.start();
            if (runtime.images().find(SandboxImage.NAME).isEmpty()) {
                Path archive = SandboxImage.build(programs.busybox(), files.home());
                importImage(archive, SandboxImage.NAME);
                Files.delete(archive);
            }
        } catch (RuntimeException | IOException e) {
            close();
            throw e;
        }
        LOG.atInfo()
                .addKeyValue("socket", files.socket())
                .addKeyValue("handlers", handlers())
                .addKeyValue("gvisor", gvisor.description())
                .log("containerd runs");
    }

    public ContainerRuntime runtime() {
        return runtime;
    }

    /// The runtimes that pods can have here.
    public List<String> handlers() {
        var handlers = new ArrayList<>(List.of(Handlers.RUNC));
        if (!(gvisor instanceof Gvisor.Absent)) {
            handlers.add(Handlers.RUNSC);
        }
        if (programs.hasKataShim()) {
            handlers.add(Handlers.KATA);
        }
        return List.copyOf(handlers);
    }

    /// Where its pods are.
    public PodNetwork network() {
        return network;
    }

    public Gvisor gvisor() {
        return gvisor;
    }

    /// The id of the running containerd; 0 while none runs.
    public long pid() {
        return process.pid();
    }

    /// Takes an image from an archive ([io.insula.node.image.ImageBuilder], `docker save`).
    ///
    /// @param name that it has in there; back when pods can use it
    /// @throws NodeException saying why the archive is none
    public void importImage(Path archive, String name) {
        importImages(archive);
        Instant deadline = Instant.now().plus(SEEN);
        // CRI learns of it by an event, a moment later
        while (runtime.images().find(name).isEmpty()) {
            if (Instant.now().isAfter(deadline)) {
                throw new NodeException(archive + " holds no image " + name);
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    /// Takes all images from an archive.
    ///
    /// @return what containerd says of it
    public String importImages(Path archive) {
        try {
            return Command.succeed(
                    COMMAND,
                    List.of(
                            programs.ctr().toString(),
                            "--address",
                            files.socket().toString(),
                            "--namespace",
                            "k8s.io",
                            "images",
                            "import",
                            archive.toString()));
        } catch (CommandException e) {
            throw new NodeException("cannot import " + archive + ": " + e.getMessage(), e);
        }
    }

    /// Ends containerd; its containers go on.
    @Override
    public void close() {
        process.close();
        runtime.close();
    }

    /// Ends every container, then containerd, and removes router, images and folders.
    ///
    /// @throws NodeException where something cannot be removed, after all else is
    public void destroy() {
        var problems = new ArrayList<String>();
        for (Sandbox sandbox : sandboxes(problems)) {
            try {
                runtime.stopSandbox(sandbox.id());
                runtime.removeSandbox(sandbox.id());
            } catch (RuntimeFailure e) {
                problems.add(sandbox.name() + ": " + e.getMessage());
            }
        }
        close();
        try {
            Router.remove(network);
        } catch (NetworkException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
        for (Path folder : List.of(files.state(), files.home())) {
            try {
                Trees.delete(folder);
            } catch (IOException e) {
                problems.add("cannot remove " + folder + ": " + e);
            }
        }
        if (!problems.isEmpty()) {
            throw new NodeException("not all of the node's containers are gone: " + String.join("; ", problems));
        }
    }

    private List<Sandbox> sandboxes(List<String> problems) {
        try {
            return runtime.sandboxes();
        } catch (RuntimeFailure e) {
            problems.add(String.valueOf(e.getMessage()));
            return List.of();
        }
    }
}
