package io.insula.node.volumes;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Binds a path inside a volume to a place that only the node writes to. Whoever writes to the volume, also while this
/// works, cannot lead it out: each step is taken from the folder that was entered before, not from a path, and what is
/// bound in the end is an open file whose whereabouts were asked of the kernel. Needs root. Stateless.
///
/// Threat: a container puts a link to the machine's `/` where the next one's `subPath` leads (CVE-2017-1002101,
/// CVE-2021-25741).
final class SubPaths {

    private static final int PATIENCE_SECONDS = 30;

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
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(inside + " does not open");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        if (process.exitValue() != 0) {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            throw new IOException(inside + " " + said.strip());
        }
    }
}
