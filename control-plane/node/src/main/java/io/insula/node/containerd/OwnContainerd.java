package io.insula.node.containerd;

import io.insula.node.machine.Machine;
import io.insula.node.machine.Trees;
import io.insula.node.network.NetworkException;
import io.insula.node.network.PodNetwork;
import io.insula.node.network.Router;
import io.insula.node.runtime.Container;
import io.insula.node.runtime.ContainerRuntime;
import io.insula.node.runtime.RuntimeFailure;
import io.insula.node.runtime.RuntimeInfo;
import io.insula.node.runtime.Sandbox;
import io.insula.process.ChildProcess;
import io.insula.process.ChildSpec;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
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

    private final ContainerdFiles files;
    private final Programs programs;
    private final PodNetwork network;
    private final Gvisor gvisor;
    private final ChildProcess process;
    private final ContainerdRuntime runtime;
    private final ContainerdAccess access;

    private OwnContainerd(
            ContainerdFiles files, Programs programs, PodNetwork network, Gvisor gvisor, ContainerdRuntime runtime) {
        this.files = files;
        this.programs = programs;
        this.network = network;
        this.gvisor = gvisor;
        this.runtime = runtime;
        this.access = ContainerdAccess.of(runtime, programs.ctr(), files.socket());
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

    /// Why this machine cannot have one, and what to do about it; empty where it can. Changes nothing.
    public static Optional<String> obstacle() {
        if (!Machine.mayRunContainers()) {
            return Optional.of("containers need root, with the rights to make networks and mounts");
        }
        try {
            Programs.ofThisMachine();
            return Optional.empty();
        } catch (NodeException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /// Puts this machine's busybox into the root of an image to be, under the names of all that it can be.
    ///
    /// @throws NodeException where this machine has none that is statically linked
    public static void addBusybox(Path root) throws IOException {
        SandboxImage.addBusybox(Programs.ofThisMachine().busybox(), root);
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
                access.load(archive, SandboxImage.NAME);
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

    public ContainerdAccess access() {
        return access;
    }

    /// Ends containerd; its containers go on.
    @Override
    public void close() {
        process.close();
        runtime.close();
    }

    /// Whether containerd served when it was last asked, and has not ended since.
    public boolean isReady() {
        return process.isReady();
    }

    /// What it is, for people: `containerd 1.6.20`.
    public String description() {
        RuntimeInfo info = runtime.info();
        return info.name() + " " + info.version();
    }

    /// Ends every container and then containerd, and removes the router and what lies below `/run`, as a machine that
    /// goes down does. Images stay, and what became of the containers: the next start finds them ended.
    ///
    /// @param grace for containers to end by themselves, all of them at once; then they are killed
    /// @throws NodeException where something cannot be ended or removed, after all else is
    public void end(Duration grace) {
        var problems = new ArrayList<String>();
        stopContainers(grace, problems);
        forEach("sandbox", sandboxes(problems), sandbox -> runtime.stopSandbox(sandbox.id()), problems);
        endContainerd(problems);
        require(problems);
    }

    /// Ends every container, then containerd, and removes router, images and folders.
    ///
    /// @throws NodeException where something cannot be removed, after all else is
    public void destroy() {
        var problems = new ArrayList<String>();
        forEach(
                "sandbox",
                sandboxes(problems),
                sandbox -> {
                    runtime.stopSandbox(sandbox.id());
                    runtime.removeSandbox(sandbox.id());
                },
                problems);
        endContainerd(problems);
        delete(files.home(), problems);
        require(problems);
    }

    private void stopContainers(Duration grace, List<String> problems) {
        try {
            List<Container> running = runtime.containers().stream()
                    .filter(container -> container.state() instanceof Container.State.Running)
                    .toList();
            forEach("container", running, container -> runtime.stopContainer(container.id(), grace), problems);
        } catch (RuntimeFailure e) {
            problems.add(String.valueOf(e.getMessage()));
        }
    }

    private void endContainerd(List<String> problems) {
        close();
        try {
            Router.remove(network);
        } catch (NetworkException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
        delete(files.state(), problems);
    }

    /// All at once, each in a thread of its own.
    private static <T> void forEach(String what, List<T> all, Consumer<T> work, List<String> problems) {
        var said = new ConcurrentLinkedQueue<String>();
        try (var executor = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("insula-end-" + what + "-", 0).factory())) {
            for (T each : all) {
                executor.execute(() -> {
                    try {
                        work.accept(each);
                    } catch (RuntimeFailure e) {
                        said.add(what + " " + each + ": " + e.getMessage());
                    }
                });
            }
        }
        problems.addAll(said);
    }

    private static void delete(Path folder, List<String> problems) {
        try {
            Trees.delete(folder);
        } catch (IOException e) {
            problems.add("cannot remove " + folder + ": " + e);
        }
    }

    private static void require(List<String> problems) {
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
