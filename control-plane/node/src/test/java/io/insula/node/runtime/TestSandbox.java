package io.insula.node.runtime;

import io.insula.node.runtime.Security.Profile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// A sandbox for a test, gone with it.
public final class TestSandbox implements AutoCloseable {

    public static final Security ORDINARY = new Security(
            false,
            Optional.empty(),
            "",
            Optional.empty(),
            List.of(),
            false,
            true,
            List.of(),
            List.of(),
            new Profile.RuntimeDefault(),
            new Profile.RuntimeDefault(),
            List.of("/proc/kcore", "/proc/keys"),
            List.of("/proc/sys"));
    private static final SandboxSpec.Namespaces OWN = new SandboxSpec.Namespaces(false, false, false, false);

    private final ContainerRuntime runtime;
    private final String image;
    private final SandboxSpec spec;
    private final SandboxId id;

    private TestSandbox(ContainerRuntime runtime, String image, SandboxSpec spec, SandboxId id) {
        this.runtime = runtime;
        this.image = image;
        this.spec = spec;
        this.id = id;
    }

    public static TestSandbox run(ContainerRuntime runtime, String handler, String image, Path folder) {
        SandboxSpec spec = spec(folder);
        return new TestSandbox(runtime, image, spec, runtime.runSandbox(spec, handler));
    }

    static SandboxSpec spec(Path folder) {
        String uid = UUID.randomUUID().toString();
        Path logs = folder.resolve(uid);
        try {
            Files.createDirectories(logs);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new SandboxSpec(
                new SandboxSpec.Name("default", "pod-" + uid.substring(0, 8), uid, 0),
                "a-host",
                logs,
                Optional.of(new SandboxSpec.Dns(List.of("10.9.8.7"), List.of("svc.example"), List.of("ndots:5"))),
                List.of(),
                Map.of("a", "b"),
                Map.of("c", "d"),
                "/insula-test/pod" + uid,
                OWN,
                Map.of(),
                ORDINARY,
                Resources.NONE);
    }

    public SandboxId id() {
        return id;
    }

    public SandboxSpec spec() {
        return spec;
    }

    /// A container that runs `script` in a shell.
    public ContainerSpec shell(String name, String script) {
        return running(name, List.of("/bin/sh", "-c", script));
    }

    /// The same of an image that holds busybox and no links to it.
    public ContainerSpec busybox(String name, String script) {
        return running(name, List.of("/bin/busybox", "sh", "-c", script));
    }

    private ContainerSpec running(String name, List<String> command) {
        return new ContainerSpec(
                name,
                0,
                image,
                image,
                command,
                List.of(),
                "",
                Map.of("GREETING", "hello"),
                List.of(),
                Map.of("name", name),
                Map.of(),
                name + ".log",
                false,
                false,
                false,
                Resources.NONE,
                ORDINARY,
                OWN,
                "");
    }

    public ContainerId start(ContainerSpec container) {
        ContainerId made = runtime.createContainer(id, container, spec);
        runtime.startContainer(made);
        return made;
    }

    public Container.State.Exited awaitExit(ContainerId container) {
        return Patience.some(
                "end of " + container,
                () -> runtime.container(container)
                        .filter(c -> c.state() instanceof Container.State.Exited)
                        .map(c -> (Container.State.Exited) c.state()));
    }

    /// Runs a script to its end.
    ///
    /// @return what it wrote
    public String output(ContainerSpec container) {
        ContainerId made = start(container);
        awaitExit(made);
        return log(container.name());
    }

    public String log(String container) {
        try {
            return Files.readString(spec.logs().resolve(container + ".log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        for (Container container : runtime.containers()) {
            if (container.sandbox().equals(id)) {
                runtime.stopContainer(container.id(), Duration.ZERO);
            }
        }
        runtime.stopSandbox(id);
        runtime.removeSandbox(id);
    }
}
