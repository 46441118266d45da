package io.insula.it.bench;

import io.insula.process.Survivors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The processor time of a containerd, its shims and all that these have run: network plugins, runc.
///
/// @param pid of containerd
/// @param socket by which its shims are found
record ContainerdTime(long pid, Path socket) {

    private static final Pattern SOCKET = Pattern.compile("(?m)^\\s*address = \"(/[^\"]+)\"");
    /// @param configuration which the containerd was started with
    static ContainerdTime of(long pid, Path configuration) throws IOException {
        Matcher address = SOCKET.matcher(Files.readString(configuration));
        if (!address.find()) {
            throw new IOException(configuration + " names no socket");
        }
        return new ContainerdTime(pid, Path.of(address.group(1)));
    }

    /// Of the one that `parent` has started.
    static ContainerdTime below(ProcessHandle parent) throws IOException {
        ProcessHandle child = parent.children()
                .filter(each -> each.info().command().orElse("").endsWith("/containerd"))
                .findFirst()
                .orElseThrow(() -> new IOException("process " + parent.pid() + " runs no containerd"));
        String[] words = new String(
                        Files.readAllBytes(Path.of("/proc", Long.toString(child.pid()), "cmdline")),
                        StandardCharsets.UTF_8)
                .split("\0", -1);
        return of(child.pid(), Path.of(words[2]));
    }

    /// Nanoseconds so far. Shims that have ended are not in it: look before pods go.
    long nanos() throws IOException {
        long nanos = nanosOf(pid);
        for (var shim : Survivors.withArgument(socket.toString())) {
            nanos += nanosOf(shim.handle().pid());
        }
        return nanos;
    }

    /// Of a process and those of its children that it has buried; 0 where it has ended.
    static long nanosOf(long process) {
        try {
            return ProcessorTime.withBuried(Path.of("/proc", Long.toString(process), "stat"));
        } catch (IOException e) {
            return 0;
        }
    }
}
