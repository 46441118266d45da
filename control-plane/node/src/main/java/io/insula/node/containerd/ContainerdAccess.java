package io.insula.node.containerd;

import io.insula.node.image.ImageBuilder;
import io.insula.node.image.ImageSpec;
import io.insula.node.machine.Command;
import io.insula.node.machine.CommandException;
import io.insula.node.machine.SteadyClock;
import io.insula.node.machine.Trees;
import io.insula.node.runtime.ContainerId;
import io.insula.node.runtime.Images.Image;
import io.insula.node.runtime.RuntimeFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A containerd of our own as a person of this machine uses it, also one that another process runs: its images, and
/// commands in its containers. Needs root. Thread-safe.
public final class ContainerdAccess implements AutoCloseable {

    private static final Duration COMMAND = Duration.ofMinutes(5);
    /// What `ctr` says of each image, by its release.
    private static final Pattern LOADED = Pattern.compile("(?m)^(?:unpacking|Loaded image:|saved) ([^\\s(]+)");
    private static final Duration SEEN = Duration.ofMinutes(2);

    private final ContainerdRuntime runtime;
    private final boolean isOurs;
    private final Path ctr;
    private final Path socket;

    private ContainerdAccess(ContainerdRuntime runtime, boolean isOurs, Path ctr, Path socket) {
        this.runtime = runtime;
        this.isOurs = isOurs;
        this.ctr = ctr;
        this.socket = socket;
    }

    /// @param home of the containerd, as [OwnContainerd#start] was given it
    /// @throws NodeException where none runs, or this user may not speak to it
    public static ContainerdAccess of(Path home) {
        Path socket = ContainerdFiles.of(home).socket();
        if (!Files.isWritable(socket)) {
            throw new NodeException(
                    "no containerd of " + home + " runs to which " + System.getProperty("user.name") + " may speak");
        }
        return new ContainerdAccess(
                ContainerdRuntime.at(socket), true, Programs.ofThisMachine().ctr(), socket);
    }

    static ContainerdAccess of(ContainerdRuntime runtime, Path ctr, Path socket) {
        return new ContainerdAccess(runtime, false, ctr, socket);
    }

    /// Runs a command in a container to its end.
    ///
    /// @param container as a pod's status names it: `containerd://ID`
    /// @return what it wrote to its standard output
    /// @throws NodeException where it fails, or takes longer than `within`
    public String exec(String container, List<String> command, Duration within) {
        try {
            var result = runtime.exec(new ContainerId(container.replaceFirst("^[a-z]+://", "")), command, within);
            String out = new String(result.stdout(), StandardCharsets.UTF_8);
            if (result.exitCode() != 0) {
                throw new NodeException(command + " in " + container + " ended with " + result.exitCode() + ": " + out
                        + new String(result.stderr(), StandardCharsets.UTF_8));
            }
            return out;
        } catch (RuntimeFailure e) {
            throw new NodeException(command + " in " + container + ": " + e.getMessage(), e);
        }
    }

    /// The images that pods can use.
    public List<Image> list() {
        return runtime.images().list();
    }

    /// Takes all images from an archive (`docker save`, [ImageBuilder]).
    ///
    /// @return their names, as pods can use them now
    /// @throws NodeException saying why the archive is none
    public List<String> load(Path archive) {
        List<String> names = LOADED.matcher(imported(archive))
                .results()
                .map(line -> line.group(1))
                .toList();
        names.forEach(name -> awaitSeen(archive, name));
        return names;
    }

    /// The same, for an archive that must hold a certain image.
    ///
    /// @throws NodeException also where it does not
    void load(Path archive, String name) {
        List<String> _ = load(archive);
        awaitSeen(archive, name);
    }

    /// Makes an image out of a folder, without a registry.
    ///
    /// @return its digest
    /// @throws NodeException naming what the folder holds that no image can
    public String build(Path folder, ImageSpec spec) {
        @Nullable Path work = null;
        try {
            work = Files.createTempDirectory("insula-image");
            Path archive = work.resolve("image.tar");
            String digest = ImageBuilder.build(folder, spec, archive);
            load(archive, spec.name());
            return digest;
        } catch (IOException e) {
            throw new NodeException("cannot make " + spec.name() + " of " + folder + ": " + e.getMessage(), e);
        } finally {
            delete(work);
        }
    }

    private String imported(Path archive) {
        try {
            return Command.succeed(COMMAND, ctr("images", "import", archive.toString()));
        } catch (CommandException e) {
            throw new NodeException("cannot import " + archive + ": " + e.getMessage(), e);
        }
    }

    /// CRI learns of an image by an event, a moment later.
    private void awaitSeen(Path archive, String name) {
        Instant deadline = SteadyClock.now().plus(SEEN);
        while (runtime.images().find(name).isEmpty()) {
            if (SteadyClock.now().isAfter(deadline)) {
                throw new NodeException(archive + " holds no image " + name);
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    private List<String> ctr(String... words) {
        var command = new ArrayList<>(List.of(ctr.toString(), "--address", socket.toString(), "--namespace", "k8s.io"));
        command.addAll(List.of(words));
        return command;
    }

    private static void delete(@Nullable Path work) {
        try {
            if (work != null) {
                Trees.delete(work);
            }
        } catch (IOException e) {
            // the system's own cleaning of its temporary folder gets it
        }
    }

    @Override
    public void close() {
        if (isOurs) {
            runtime.close();
        }
    }
}
