package io.insula.node.volumes;

import io.insula.node.machine.Command;
import io.insula.node.machine.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Binds a path inside a volume to a place that only the node writes to. Whoever writes to the volume, also while this
/// works, cannot lead it out: each step is taken from the folder that was entered before, not from a path, and what is
/// bound in the end is an open file whose whereabouts were asked of the kernel. Needs root. Stateless.
///
/// Threat: a container puts a link to the machine's `/` where the next one's `subPath` leads (CVE-2017-1002101,
/// CVE-2021-25741).
final class SubPaths {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /// `$1` volume, `$2` target, then the path's parts.
    private static final String SCRIPT = """
            target=$2
            cd -P "$1" || exit 1
            root=$(readlink /proc/self/cwd)
            shift 2
            inside() {
              case "$1/" in "$root"/*) ;; *) echo "leads out of the volume" >&2; exit 1 ;; esac
            }
            while [ $# -gt 1 ]; do
              [ -e "./$1" ] || mkdir "./$1" || exit 1
              cd -P "./$1" || exit 1
              inside "$(readlink /proc/self/cwd)"
              shift
            done
            [ -e "./$1" ] || mkdir "./$1" || exit 1
            [ -d "./$1" ] || [ -f "./$1" ] || { echo "is neither a folder nor a file" >&2; exit 1; }
            exec 3<"./$1" || exit 1
            inside "$(readlink /proc/self/fd/3)"
            if [ -d /proc/self/fd/3 ]; then mkdir -p "$target"; else : >"$target"; fi || exit 1
            exec mount --no-canonicalize --bind /proc/self/fd/3 "$target"
            """;

    private SubPaths() {}

    /// @param target made anew; an older binding there is taken away
    static void bind(Path volume, Path inside, Path target) throws IOException {
        if (Files.exists(target)) {
            MemoryFolders.unmount(target);
        }
        Files.createDirectories(target.getParent());
        var command = new ArrayList<>(List.of("/bin/sh", "-c", SCRIPT, "sh", volume.toString(), target.toString()));
        inside.forEach(part -> command.add(part.toString()));
        try {
            Command.Ended ended = Command.run(PATIENCE, command);
            if (ended.exitCode() != 0) {
                throw new IOException(inside + " " + ended.said().strip());
            }
        } catch (CommandException e) {
            throw new IOException(inside + " does not open", e);
        }
    }
}
