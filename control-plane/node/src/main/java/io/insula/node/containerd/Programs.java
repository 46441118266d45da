package io.insula.node.containerd;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The programs of this machine that a node needs.
///
/// @param cni the folder of the network plugins
/// @param busybox statically linked: all of the sandbox image
record Programs(
        Path containerd,
        Path ctr,
        Path runc,
        Optional<Path> runsc,
        boolean hasRunscShim,
        boolean hasKataShim,
        Path cni,
        Path busybox,
        Path ip) {

    private static final List<Path> FOLDERS = List.of(
            Path.of("/usr/local/sbin"),
            Path.of("/usr/local/bin"),
            Path.of("/usr/sbin"),
            Path.of("/usr/bin"),
            Path.of("/sbin"),
            Path.of("/bin"));
    /// Where Debian has them, and where everybody else puts them.
    private static final List<Path> CNI_FOLDERS = List.of(Path.of("/usr/lib/cni"), Path.of("/opt/cni/bin"));

    /// @throws NodeException naming every Debian package that is missing
    static Programs ofThisMachine() {
        var missing = new ArrayList<String>();
        var programs = new Programs(
                found(find("containerd"), "containerd", missing),
                found(find("ctr"), "containerd", missing),
                found(find("runc"), "runc", missing),
                find("runsc"),
                find("containerd-shim-runsc-v1").isPresent(),
                find("containerd-shim-kata-v2").isPresent(),
                found(cniFolder(), "containernetworking-plugins", missing),
                found(find("busybox").filter(Programs::isStatic), "busybox-static", missing),
                found(find("ip"), "iproute2", missing));
        var _ = found(find("nft"), "nftables", missing);
        // without it who talks to a pod would talk on to whoever has its address next
        var _ = found(find("conntrack"), "conntrack", missing);
        // the disks of claimed volumes
        var _ = found(find("mount"), "mount", missing);
        var _ = found(find("mkfs.ext4"), "e2fsprogs", missing);
        if (!missing.isEmpty()) {
            throw new NodeException("a node lacks programs: type `apt-get install "
                    + String.join(" ", missing.stream().distinct().toList()) + "` as root");
        }
        return programs;
    }

    static Optional<Path> find(String program) {
        return FOLDERS.stream()
                .map(folder -> folder.resolve(program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static Path found(Optional<Path> path, String debianPackage, List<String> missing) {
        return path.orElseGet(() -> {
            missing.add(debianPackage);
            return Path.of("/nonexistent");
        });
    }

    private static Optional<Path> cniFolder() {
        return CNI_FOLDERS.stream()
                .filter(folder -> Stream.of("ptp", "host-local", "loopback")
                        .allMatch(plugin -> Files.isExecutable(folder.resolve(plugin))))
                .findFirst();
    }

    /// Whether it needs no loader of libraries. Source: elf(5), `PT_INTERP`: a program with one names it in its first
    /// bytes.
    private static boolean isStatic(Path program) {
        try (var in = Files.newInputStream(program)) {
            String head = new String(in.readNBytes(4096), StandardCharsets.ISO_8859_1);
            return !head.contains("/ld-linux") && !head.contains("/lib64/ld") && !head.contains("/lib/ld-");
        } catch (IOException e) {
            return false;
        }
    }
}
