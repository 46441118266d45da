package io.insula.process;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/// Finds processes by what they are (their arguments, read from `/proc`), not by a remembered process id,
/// which by now may belong to a stranger. Stateless.
public final class Survivors {

    private static final Path PROC = Path.of("/proc");
    /// In which this JVM hands arguments to the processes that it starts.
    private static final Charset ARGUMENTS =
            Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"), StandardCharsets.UTF_8);

    private Survivors() {}

    /// A living process.
    public record Survivor(ProcessHandle handle, List<String> arguments) {}

    /// All processes with `argument` among their arguments.
    public static List<Survivor> withArgument(String argument) {
        return matching(arguments -> arguments.contains(argument));
    }

    /// All processes one of whose arguments starts with `prefix`.
    public static List<Survivor> withArgumentPrefix(String prefix) {
        return matching(arguments -> arguments.stream().anyMatch(a -> a.startsWith(prefix)));
    }

    /// Ends a process: asks first, kills it after `patience`.
    public static void stop(ProcessHandle handle, Duration patience) {
        handle.destroy();
        if (!awaitExit(handle, patience)) {
            handle.destroyForcibly();
            if (!awaitExit(handle, Duration.ofSeconds(10))) {
                throw new ChildException("process " + handle.pid() + " does not end, not even killed");
            }
        }
    }

    /// Whether a signal keeps the process from running. Source: proc(5), `/proc/pid/stat`, field `state`.
    static boolean isStopped(long pid) {
        try {
            String stat = Files.readString(PROC.resolve(Long.toString(pid)).resolve("stat"), StandardCharsets.UTF_8);
            return stat.startsWith(" T", stat.lastIndexOf(')') + 1);
        } catch (IOException e) {
            return false;
        }
    }

    static boolean awaitExit(ProcessHandle handle, Duration patience) {
        try {
            handle.onExit().get(patience.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new ChildException("cannot wait for process " + handle.pid(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return !handle.isAlive();
        }
    }

    private static List<Survivor> matching(Predicate<List<String>> wanted) {
        var found = new ArrayList<Survivor>();
        long self = ProcessHandle.current().pid();
        ProcessHandle.allProcesses().filter(h -> h.pid() != self).forEach(handle -> {
            List<String> arguments = arguments(handle.pid());
            if (wanted.test(arguments) && handle.isAlive()) {
                found.add(new Survivor(handle, arguments));
            }
        });
        return found;
    }

    private static List<String> arguments(long pid) {
        try {
            byte[] bytes = Files.readAllBytes(PROC.resolve(Long.toString(pid)).resolve("cmdline"));
            String line = new String(bytes, ARGUMENTS);
            return line.isEmpty() ? List.of() : List.of(line.split("\0", -1));
        } catch (IOException e) {
            // Gone meanwhile, or not ours to read: not ours either way.
            return List.of();
        }
    }
}
