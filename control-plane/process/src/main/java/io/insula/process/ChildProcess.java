package io.insula.process;

import io.insula.process.Survivors.Survivor;
import io.insula.reconcile.Backoff;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps one child process running: adopts the one a crashed run left if it is the very same command, else
/// ends it; starts again with growing pauses when it dies. Thread-safe: guarded by `lock`; the watching
/// thread is its own.
public final class ChildProcess implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ChildProcess.class);
    private static final Backoff RESTART = new Backoff(Duration.ofMillis(250), Duration.ofSeconds(30));
    private static final Duration PROBE_PAUSE = Duration.ofMillis(50);

    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final ChildSpec spec;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Object lock = new Object();
    private @Nullable ProcessHandle current;
    private @Nullable Thread watcher;
    private volatile boolean ready;
    private volatile long watched;
    private volatile String failure = "";
    private int starts;
    private LogTail said;

    public ChildProcess(ChildSpec spec) {
        this.spec = spec;
        this.said = LogTail.fromNow(spec.log());
    }

    /// Starts (or adopts) the process and waits until it serves; from then on it is watched.
    ///
    /// @throws ChildException when it cannot be started or is not ready in time; nothing is left running then
    public void start() {
        synchronized (lock) {
            if (watcher != null) {
                return;
            }
            try {
                bringUp();
            } catch (RuntimeException e) {
                endCurrent();
                throw e;
            }
            watcher = Thread.ofVirtual().name("insula-child " + spec.name()).start(this::watch);
        }
    }

    /// Whether it served when last asked and has not ended since.
    public boolean isReady() {
        return ready;
    }

    /// Asks the process itself, now.
    ///
    /// @throws ChildException saying why it does not serve, and what a person can do where only one can
    public void probe() {
        long pid = watched;
        if (!ready) {
            throw new ChildException(spec.name() + " ended and is being started again"
                    + (failure.isEmpty() ? "" : "; the last attempt: " + failure));
        }
        try {
            if (spec.probe().isReady()) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ChildException(spec.name() + ": interrupted", e);
        } catch (Exception e) {
            String stopped = Survivors.isStopped(pid)
                    ? "its process " + pid + " is stopped (`kill -CONT " + pid + "` lets it go on)"
                    : "its process " + pid + ": " + e.getMessage();
            throw new ChildException(spec.name() + " does not answer: " + stopped, e);
        }
        throw new ChildException(spec.name() + " answers that it is not healthy; its log is " + spec.log());
    }

    /// The id of the running process; 0 where none runs.
    public long pid() {
        synchronized (lock) {
            return current != null && current.isAlive() ? current.pid() : 0;
        }
    }

    /// How often a process was started by this object (not adopted).
    public int starts() {
        synchronized (lock) {
            return starts;
        }
    }

    /// Ends the process cleanly, by force after its time is over. Idempotent.
    public void stop() {
        stopping.countDown();
        Thread watching;
        synchronized (lock) {
            watching = watcher;
            endCurrent();
        }
        if (watching != null) {
            try {
                watching.join(spec.readyWithin().plus(spec.stopWithin()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        stop();
    }

    private void watch() {
        var pauses = RESTART.row();
        while (true) {
            ProcessHandle handle;
            synchronized (lock) {
                handle = current;
            }
            if (handle != null) {
                handle.onExit().join();
                ready = false;
            }
            if (isStopping(Duration.ZERO)) {
                return;
            }
            LOG.atWarn()
                    .addKeyValue("child", spec.name())
                    .addKeyValue("log", spec.log())
                    .log("child process ended by itself; starting it again");
            if (isStopping(pauses.next())) {
                return;
            }
            if (restart()) {
                pauses.reset();
            }
        }
    }

    private boolean restart() {
        synchronized (lock) {
            if (isStopping(Duration.ZERO)) {
                return true;
            }
            try {
                bringUp();
                failure = "";
                return true;
            } catch (RuntimeException e) {
                failure = String.valueOf(e.getMessage());
                LOG.atError().addKeyValue("child", spec.name()).setCause(e).log("child process does not start");
                endCurrent();
                return false;
            }
        }
    }

    private void bringUp() {
        ProcessHandle handle = adopt();
        if (handle == null) {
            handle = spawn();
        }
        current = handle;
        watched = handle.pid();
        writePid(handle.pid());
        awaitReady(handle);
        ready = true;
    }

    private @Nullable ProcessHandle adopt() {
        ProcessHandle adopted = null;
        for (Survivor survivor : Survivors.withArgument(spec.marker())) {
            if (adopted == null && isSameCommand(survivor.arguments())) {
                adopted = survivor.handle();
            } else {
                LOG.atWarn()
                        .addKeyValue("child", spec.name())
                        .addKeyValue("pid", survivor.handle().pid())
                        .log("ending a process that an earlier run left");
                Survivors.stop(survivor.handle(), spec.stopWithin());
            }
        }
        return adopted;
    }

    private boolean isSameCommand(List<String> arguments) {
        var trimmed = new ArrayList<>(arguments);
        while (!trimmed.isEmpty() && trimmed.getLast().isEmpty()) {
            trimmed.removeLast();
        }
        return trimmed.equals(spec.command());
    }

    private ProcessHandle spawn() {
        makeFolder(spec.folder());
        makeFolder(spec.log().resolveSibling("").toAbsolutePath());
        var builder = new ProcessBuilder(Detached.command(spec.command()))
                .directory(spec.folder().toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(spec.log().toFile()))
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        try {
            starts++;
            said = LogTail.fromNow(spec.log());
            return builder.start().toHandle();
        } catch (IOException e) {
            throw new ChildException(
                    "cannot start " + spec.name() + " (" + spec.command().getFirst() + "): " + e.getMessage(), e);
        }
    }

    private void makeFolder(Path folder) {
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(folder, OWNER_ONLY);
            }
        } catch (IOException e) {
            throw new ChildException(spec.name() + ": cannot make the folder " + folder + ": " + e, e);
        }
    }

    /// For people: nothing of ours trusts it.
    private void writePid(long pid) {
        try {
            Files.writeString(spec.pidFile(), pid + "\n");
        } catch (IOException e) {
            throw new ChildException(spec.name() + ": cannot write " + spec.pidFile() + ": " + e, e);
        }
    }

    private void awaitReady(ProcessHandle handle) {
        Instant deadline = Instant.now().plus(spec.readyWithin());
        String why = "it never answered";
        while (Instant.now().isBefore(deadline)) {
            if (!handle.isAlive()) {
                throw new ChildException(spec.name() + " ended while starting: ", said, true);
            }
            try {
                if (spec.probe().isReady()) {
                    return;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ChildException(spec.name() + ": interrupted while starting", e);
            } catch (Exception e) {
                why = String.valueOf(e.getMessage());
            }
            if (isStopping(PROBE_PAUSE)) {
                throw new ChildException(spec.name() + ": stopped while starting");
            }
        }
        throw new ChildException(
                spec.name() + " is not ready after " + spec.readyWithin().toSeconds() + " s: " + why + "; ", said);
    }

    private void endCurrent() {
        ready = false;
        if (current != null && current.isAlive()) {
            Survivors.stop(current, spec.stopWithin());
        }
        current = null;
        try {
            Files.deleteIfExists(spec.pidFile());
        } catch (IOException e) {
            LOG.atWarn().addKeyValue("child", spec.name()).setCause(e).log("cannot remove the pid file");
        }
    }

    private boolean isStopping(Duration patience) {
        try {
            return stopping.await(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
