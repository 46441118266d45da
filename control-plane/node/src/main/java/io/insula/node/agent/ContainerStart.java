package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.insula.node.agent.PodStatuses.Why;
import io.insula.node.machine.SteadyClock;
import io.insula.node.pod.ContainerSpecs;
import io.insula.node.pod.EphemeralContainers;
import io.insula.node.pod.HostsFile;
import io.insula.node.pod.Labels;
import io.insula.node.pod.PodFault;
import io.insula.node.pod.SandboxSpecs;
import io.insula.node.runtime.ContainerId;
import io.insula.node.runtime.RuntimeFailure;
import io.insula.node.runtime.Sandbox;
import io.insula.node.runtime.SandboxId;
import io.insula.node.runtime.SandboxSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Starts the containers of one pod, and remembers why those wait that could not be started. Confined to the pod's
/// thread.
final class ContainerStart {

    /// What is wrong with an image has been told.
    private static final Set<String> OF_IMAGES =
            Set.of("InvalidImageName", "ErrImageNeverPull", "ErrImagePull", "ImagePullBackOff");

    private final NodeContext node;
    private final PodStop stop;
    private final PodMounts mounts;
    private final Holdings holdings;
    private final ImageFetch images;
    private final Map<String, Why> waiting = new HashMap<>();

    ContainerStart(NodeContext node, PodStop stop, PodMounts mounts, Holdings holdings) {
        this.node = node;
        this.stop = stop;
        this.mounts = mounts;
        this.holdings = holdings;
        this.images = new ImageFetch(node);
    }

    /// Why a container, by name, does not run: of those that were tried since [#forget].
    Map<String, Why> waiting() {
        return Map.copyOf(waiting);
    }

    void forget() {
        waiting.clear();
    }

    /// @return whether it runs, or ended at once; if not, an Event says why
    boolean start(PodView view, Container container) throws IOException {
        Pod wanted = view.pod();
        Sandbox sandbox = view.sandbox().orElseThrow();
        String name = container.getName();
        int attempt = view.nextAttempt(name);
        SandboxSpec sandboxSpec = SandboxSpecs.of(
                wanted, sandbox.name().attempt(), node.settings().facts());
        try (var announcing = Announcing.start(node.announcer(), wanted, sandbox)) {
            var image = images.of(wanted, container, sandboxSpec);
            var volumes = mounts.prepare(view);
            if (volumes.isEmpty()) {
                return false;
            }
            Path termination = TerminationMessages.file(node.settings().pods(), wanted, name, attempt);
            Files.createDirectories(sandboxSpec.logs().resolve(name));
            var files = new ContainerSpecs.Files(
                    volumes.get(),
                    writeHosts(view),
                    writeEmpty(termination),
                    (volume, inside, mount) ->
                            node.volumes().subPath(wanted.getMetadata().getUid(), name, mount, volume, inside));
            Container held = holdings.held(view, container);
            var spec = ContainerSpecs.of(
                    holdings.held(view),
                    held,
                    attempt,
                    image,
                    files,
                    node.sources(),
                    mounts.around(view),
                    node.settings().facts());
            Optional<ContainerId> target = target(view, name);
            holdings.give(container, Holdings.wanted(held));
            ContainerId id = create(sandbox, target.map(spec::seeing).orElse(spec), sandboxSpec);
            node.events().soon(wanted, "Created", "Created container: " + name);
            admit(announcing, id);
            run(view, container, id);
            removeOlder(view, name);
            removeOldSandboxes(view);
            return true;
        } catch (PodFault e) {
            waiting.put(name, new Why(e.reason(), e.message()));
            boolean ofImage = OF_IMAGES.contains(e.reason());
            node.events().warning(wanted, "Failed", "Error: " + (ofImage ? e.reason() : e.message()));
            return false;
        }
    }

    /// The container whose processes an ephemeral one shall see.
    private static Optional<ContainerId> target(PodView view, String name) {
        return EphemeralContainers.target(view.pod(), name)
                .map(target -> view.newest(target)
                        .map(io.insula.node.runtime.Container::id)
                        .orElseThrow(() -> PodFault.config("unable to find target container " + target)));
    }

    /// Nothing in the pod runs before its network lets it. What may not run is as if it had not been made.
    private void admit(Announcing announcing, ContainerId id) {
        try {
            announcing.await();
        } catch (PodFault e) {
            node.runtime().removeContainer(id);
            throw e;
        }
    }

    private ContainerId create(Sandbox sandbox, io.insula.node.runtime.ContainerSpec spec, SandboxSpec sandboxSpec) {
        try {
            return node.runtime().createContainer(sandbox.id(), spec, sandboxSpec);
        } catch (RuntimeFailure.Unavailable e) {
            throw e;
        } catch (RuntimeFailure e) {
            throw new PodFault("CreateContainerError", String.valueOf(e.getMessage()));
        }
    }

    private void run(PodView view, Container container, ContainerId id) {
        Pod wanted = view.pod();
        try {
            node.runtime().startContainer(id);
        } catch (RuntimeFailure.Unavailable e) {
            throw e;
        } catch (RuntimeFailure e) {
            // The runtime keeps it as ended, with reason and message: it backs off as one that failed.
            node.events().warning(wanted, "Failed", "Error: " + e.getMessage());
            return;
        }
        node.events().soon(wanted, "Started", "Started container " + container.getName());
        if (container.getLifecycle() != null && container.getLifecycle().getPostStart() != null) {
            if (!stop.started(wanted, container, id)) {
                stop.stop(wanted, container, id, SteadyClock.now().plus(view.grace()), "FailedPostStartHook");
            }
        }
    }

    private void removeOlder(PodView view, String name) {
        List<io.insula.node.runtime.Container> all = view.containers().getOrDefault(name, List.of());
        all.stream().skip(PodView.KEPT_OF_EACH - 1).forEach(c -> node.runtime().removeContainer(c.id()));
    }

    /// Those before the current one that hold no container whose log somebody may want.
    private void removeOldSandboxes(PodView view) {
        Sandbox current = view.sandbox().orElseThrow();
        List<Sandbox> old = PodView.sandboxes(
                        node.runtime(), view.pod().getMetadata().getUid())
                .stream()
                .filter(s -> !s.id().equals(current.id()))
                .toList();
        if (old.isEmpty()) {
            return;
        }
        List<SandboxId> used = node
                .runtime()
                .containers(Labels.POD_UID, view.pod().getMetadata().getUid())
                .stream()
                .map(io.insula.node.runtime.Container::sandbox)
                .toList();
        old.stream().map(Sandbox::id).filter(id -> !used.contains(id)).forEach(node.runtime()::removeSandbox);
    }

    private Path writeHosts(PodView view) throws IOException {
        Path hosts = node.settings()
                .pods()
                .resolve(view.pod().getMetadata().getUid())
                .resolve("etc-hosts");
        if (!Files.exists(hosts)) {
            Files.createDirectories(hosts.getParent());
        }
        Files.writeString(
                hosts,
                HostsFile.of(
                        view.pod(),
                        view.addresses(node.settings().facts().address()).pod(),
                        node.settings().facts()));
        return hosts;
    }

    private static Path writeEmpty(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "");
        Files.setAttribute(file, "unix:mode", 0666);
        return file;
    }
}
