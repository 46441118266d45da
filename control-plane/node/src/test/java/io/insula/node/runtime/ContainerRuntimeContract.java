package io.insula.node.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.node.runtime.Container.State.Created;
import io.insula.node.runtime.Container.State.Exited;
import io.insula.node.runtime.Container.State.Running;
import io.insula.node.runtime.ContainerSpec.Mount;
import io.insula.node.runtime.ContainerSpec.Propagation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What [ContainerRuntime] means. Whoever implements it passes this.
public interface ContainerRuntimeContract {

    ContainerRuntime runtime();

    /// Which runtime, as in a RuntimeClass.
    String handler();

    /// An image that is there, with a busybox and links to it in `/bin`.
    String image();

    private TestSandbox sandbox(Path folder) {
        return TestSandbox.run(runtime(), handler(), image(), folder);
    }

    @Test
    default void saysWhatItIsAndThatItIsReady() {
        RuntimeInfo info = runtime().info();

        assertThat(info.name()).isNotEmpty();
        assertThat(info.version()).isNotEmpty();
        assertThat(info.isReady()).isTrue();
    }

    @Test
    default void tellsOfASandboxFromItsStartToItsRemoval(@TempDir Path folder) {
        TestSandbox sandbox = sandbox(folder);
        try {
            Sandbox running = runtime().sandbox(sandbox.id()).orElseThrow();
            assertThat(running.isReady()).isTrue();
            assertThat(running.name()).isEqualTo(sandbox.spec().name());
            assertThat(running.addresses()).isNotEmpty();
            assertThat(running.labels()).containsEntry("a", "b");
            assertThat(running.annotations()).containsEntry("c", "d");
            assertThat(running.handler()).isEqualTo(handler());
            assertThat(runtime().sandboxes()).anySatisfy(listed -> {
                assertThat(listed.id()).isEqualTo(sandbox.id());
                assertThat(listed.name()).isEqualTo(sandbox.spec().name());
            });

            assertThat(runtime().sandboxes("a", "b")).extracting(Sandbox::id).contains(sandbox.id());
            assertThat(runtime().sandboxes("a", "c")).isEmpty();

            runtime().stopSandbox(sandbox.id());
            assertThat(runtime().sandbox(sandbox.id()).orElseThrow().isReady()).isFalse();
        } finally {
            sandbox.close();
        }
        assertThat(runtime().sandbox(sandbox.id())).isEmpty();
        runtime().stopSandbox(sandbox.id());
        runtime().removeSandbox(sandbox.id());
    }

    @Test
    default void runsAContainerToItsEnd(@TempDir Path folder) {
        try (TestSandbox sandbox = sandbox(folder)) {
            ContainerSpec spec = sandbox.shell("main", "echo said; echo \"$GREETING\" >&2; exit 3");
            Instant before = Instant.now();
            ContainerId id = runtime().createContainer(sandbox.id(), spec, sandbox.spec());
            assertThat(runtime().container(id).orElseThrow().state()).isInstanceOf(Created.class);
            runtime().startContainer(id);
            Exited end = sandbox.awaitExit(id);

            assertThat(end.code()).isEqualTo(3);
            assertThat(end.reason()).isEqualTo("Error");
            assertThat(end.startedAt()).isAfterOrEqualTo(before.minusSeconds(1));
            // one that ends at once may be seen to end before its start is written down
            assertThat(end.finishedAt()).isAfter(end.startedAt().minusSeconds(1));
            Container container = runtime().container(id).orElseThrow();
            assertThat(container.name()).isEqualTo("main");
            assertThat(container.sandbox()).isEqualTo(sandbox.id());
            assertThat(container.labels()).containsEntry("name", "main");
            assertThat(container.log()).contains(sandbox.spec().logs().resolve("main.log"));
            assertThat(sandbox.log("main")).containsPattern("stdout F said\n").containsPattern("stderr F hello\n");
            assertThat(runtime().containers("name", "main"))
                    .extracting(Container::id)
                    .contains(id);
            assertThat(runtime().containers("name", "mai")).isEmpty();
            assertThat(runtime().containers()).anySatisfy(listed -> {
                assertThat(listed.id()).isEqualTo(id);
                assertThat(listed.sandbox()).isEqualTo(sandbox.id());
                assertThat(listed.state()).isInstanceOf(Exited.class);
            });

            runtime().removeContainer(id);
            runtime().removeContainer(id);
            assertThat(runtime().container(id)).isEmpty();
        }
    }

    @Test
    default void knowsTheEndOfEachContainerOfASandbox(@TempDir Path folder) {
        try (TestSandbox sandbox = sandbox(folder)) {
            ContainerId lasting = sandbox.start(sandbox.shell("lasting", "sleep 1000"));
            ContainerId ending = sandbox.start(sandbox.shell("ending", "exit 0"));

            assertThat(sandbox.awaitExit(ending).reason()).isEqualTo("Completed");
            assertThat(runtime().container(lasting).orElseThrow().state()).isInstanceOf(Running.class);
            runtime().stopContainer(lasting, Duration.ZERO);
            assertThat(sandbox.awaitExit(lasting).code()).isEqualTo(137);
        }
    }

    @Test
    default void asksAContainerToEndAndKillsTheDeaf(@TempDir Path folder) {
        try (TestSandbox sandbox = sandbox(folder)) {
            ContainerId polite = sandbox.start(
                    sandbox.shell("polite", "trap 'exit 5' TERM; echo ready; while :; do sleep 0.1; done"));
            ContainerId deaf =
                    sandbox.start(sandbox.shell("deaf", "trap '' TERM; echo ready; while :; do sleep 0.1; done"));
            Patience.until(
                    "both traps",
                    () -> sandbox.log("polite").contains("ready")
                            && sandbox.log("deaf").contains("ready"));

            runtime().stopContainer(polite, Duration.ofMinutes(1));
            assertThat(sandbox.awaitExit(polite).code()).isEqualTo(5);
            runtime().stopContainer(deaf, Duration.ofSeconds(1));
            assertThat(sandbox.awaitExit(deaf).code()).isEqualTo(137);
            runtime().stopContainer(deaf, Duration.ofSeconds(1));
        }
    }

    @Test
    default void runsCommandsInAContainer(@TempDir Path folder) {
        try (TestSandbox sandbox = sandbox(folder)) {
            ContainerId id = sandbox.start(sandbox.shell("main", "echo inside > /tmp/file; sleep 1000"));
            Patience.until(
                    "the file",
                    () -> runtime()
                                    .exec(id, List.of("test", "-s", "/tmp/file"), Duration.ofMinutes(1))
                                    .exitCode()
                            == 0);

            ExecResult result = runtime()
                    .exec(id, List.of("sh", "-c", "cat /tmp/file; echo bad >&2; exit 9"), Duration.ofMinutes(1));
            assertThat(result.exitCode()).isEqualTo(9);
            assertThat(new String(result.stdout(), StandardCharsets.UTF_8)).isEqualTo("inside\n");
            assertThat(new String(result.stderr(), StandardCharsets.UTF_8)).isEqualTo("bad\n");
            assertThatThrownBy(() -> runtime().exec(id, List.of("sleep", "1000"), Duration.ofMillis(300)))
                    .isInstanceOf(RuntimeFailure.TimedOut.class);
            assertThatThrownBy(() -> runtime().exec(new ContainerId("nobody"), List.of("true"), Duration.ofSeconds(9)))
                    .isInstanceOf(RuntimeFailure.NotFound.class);
        }
    }

    @Test
    default void givesAContainerItsSurroundings(@TempDir Path folder) throws IOException {
        Path given = Files.createDirectory(folder.resolve("given"));
        Files.writeString(given.resolve("file"), "given\n");
        try (TestSandbox sandbox = sandbox(folder)) {
            ContainerSpec plain = sandbox.shell("main", """
                    hostname; cat /etc/resolv.conf; pwd; cat /given/file
                    touch /given/new 2>/dev/null || echo given is read-only
                    touch /new 2>/dev/null || echo root is read-only
                    id -u; id -g; id -G
                    """);
            var security = new Security(
                    false,
                    Optional.of(1234L),
                    "",
                    Optional.of(2345L),
                    List.of(3456L),
                    true,
                    true,
                    List.of(),
                    List.of("ALL"),
                    TestSandbox.ORDINARY.seccomp(),
                    TestSandbox.ORDINARY.appArmor(),
                    List.of(),
                    List.of());
            var spec = new ContainerSpec(
                    plain.name(),
                    1,
                    plain.image(),
                    plain.userImage(),
                    plain.command(),
                    plain.args(),
                    "/bin",
                    Map.of(),
                    List.of(new Mount("/given", given, true, Propagation.PRIVATE)),
                    Map.of(),
                    Map.of(),
                    plain.log(),
                    false,
                    false,
                    false,
                    Resources.NONE,
                    security,
                    plain.namespaces(),
                    "");

            assertThat(sandbox.output(spec))
                    .contains("F a-host\n", "F search svc.example\n", "F nameserver 10.9.8.7\n", "F options ndots:5\n")
                    .contains("F /bin\n", "F given\n", "F given is read-only\n", "F root is read-only\n")
                    .contains("F 1234\n", "F 2345\n", "3456\n");
        }
    }

    @Test
    default void saysWhyAContainerCannotRun(@TempDir Path folder) {
        try (TestSandbox sandbox = sandbox(folder)) {
            ContainerSpec good = sandbox.shell("main", "true");
            assertThatThrownBy(() -> runtime()
                            .createContainer(sandbox.id(), withImage(good, "localhost/none:1"), sandbox.spec()))
                    .isInstanceOf(RuntimeFailure.class)
                    .hasMessageStartingWith("rpc error: code = ");
            ContainerSpec bad = withCommand(good, List.of("/no/such/program"));
            assertThatThrownBy(() -> sandbox.start(bad))
                    .isInstanceOf(RuntimeFailure.class)
                    .hasMessageContaining("/no/such/program");
        }
    }

    @Test
    default void tellsOfChanges(@TempDir Path folder) throws Exception {
        try (TestSandbox sandbox = sandbox(folder)) {
            var calls = new AtomicInteger();
            try (AutoCloseable _ = runtime().watch(calls::incrementAndGet)) {
                ContainerId id = sandbox.start(sandbox.shell("main", "exit 0"));
                sandbox.awaitExit(id);
                int then = calls.get();
                Patience.until("a call after the end", () -> calls.get() > then);
            }
            int closed = calls.get();
            sandbox.awaitExit(sandbox.start(sandbox.shell("after", "exit 0")));
            assertThat(calls.get()).isEqualTo(closed);
        }
    }

    @Test
    default void goesOnInANewLogWhenAsked(@TempDir Path folder) throws IOException {
        try (TestSandbox sandbox = sandbox(folder)) {
            ContainerId id =
                    sandbox.start(sandbox.shell("main", "i=0; while :; do i=$((i+1)); echo line $i; sleep 0.05; done"));
            Patience.until("a line", () -> sandbox.log("main").contains("line 1"));
            Path log = sandbox.spec().logs().resolve("main.log");
            Files.move(log, log.resolveSibling("main.log.old"));
            runtime().reopenLog(id);
            Patience.until(
                    "a line in the new log",
                    () -> Files.exists(log) && sandbox.log("main").contains("line"));
            assertThat(sandbox.log("main")).doesNotContain("line 1\n");
        }
    }

    @Test
    default void findsImagesThatAreThere() {
        Images.Image image = runtime().images().find(image()).orElseThrow();

        assertThat(image.id()).startsWith("sha256:");
        assertThat(image.bytes()).isPositive();
        assertThat(runtime().images().list())
                .anySatisfy(listed -> assertThat(listed.id()).isEqualTo(image.id()));
        assertThat(runtime().images().find("localhost/none:1")).isEmpty();
        runtime().images().remove("localhost/none:1");
    }

    @Test
    default void offersStreams(@TempDir Path folder) {
        try (TestSandbox sandbox = sandbox(folder)) {
            ContainerId id = sandbox.start(sandbox.shell("main", "sleep 1000"));
            var streams = new Streams(false, true, true, false);
            assertThat(runtime().execUrl(id, List.of("true"), streams).getHost())
                    .isEqualTo("127.0.0.1");
            assertThat(runtime().attachUrl(id, streams).getPort()).isPositive();
            assertThat(runtime().portForwardUrl(sandbox.id(), List.of(80)).getPath())
                    .isNotEmpty();
        }
    }

    private static ContainerSpec withImage(ContainerSpec spec, String image) {
        return with(spec, image, spec.command(), spec.resources());
    }

    private static ContainerSpec withCommand(ContainerSpec spec, List<String> command) {
        return with(spec, spec.image(), command, spec.resources());
    }

    static ContainerSpec withResources(ContainerSpec spec, Resources resources) {
        return with(spec, spec.image(), spec.command(), resources);
    }

    private static ContainerSpec with(ContainerSpec spec, String image, List<String> command, Resources resources) {
        return new ContainerSpec(
                spec.name(),
                spec.attempt(),
                image,
                spec.userImage(),
                command,
                spec.args(),
                spec.workingDir(),
                spec.env(),
                spec.mounts(),
                spec.labels(),
                spec.annotations(),
                spec.log(),
                spec.stdin(),
                spec.stdinOnce(),
                spec.tty(),
                resources,
                spec.security(),
                spec.namespaces(),
                spec.targetId());
    }
}
