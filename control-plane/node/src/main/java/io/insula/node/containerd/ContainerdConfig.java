package io.insula.node.containerd;

import java.nio.file.Path;

/// Writes the configuration of a containerd of our own. Version 2 of its format, which all from 1.5 to 2.x read.
/// Source: containerd, `docs/cri/config.md`. Stateless.
final class ContainerdConfig {

    private ContainerdConfig() {}

    /// @param overlay whether the file system below can carry overlayfs; else layers are copied
    static String of(ContainerdFiles files, Programs programs, Gvisor gvisor, boolean overlay) {
        var toml = new StringBuilder("""
                version = 2
                root = %s
                state = %s
                disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.aufs",
                  "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper",
                  "io.containerd.snapshotter.v1.zfs"]
                [debug]
                  address = ""
                  level = "warn"
                [grpc]
                  address = %s
                [plugins."io.containerd.grpc.v1.cri"]
                  sandbox_image = %s
                  disable_apparmor = %s
                  restrict_oom_score_adj = %s
                  stream_server_address = "127.0.0.1"
                  stream_server_port = "0"
                  netns_mounts_under_state_dir = true
                  disable_tcp_service = true
                  drain_exec_sync_io_timeout = "5s"
                [plugins."io.containerd.grpc.v1.cri".cni]
                  bin_dir = %s
                  conf_dir = %s
                [plugins."io.containerd.grpc.v1.cri".containerd]
                  snapshotter = %s
                  default_runtime_name = "runc"
                """.formatted(
                        quoted(files.root()),
                        quoted(files.state().resolve("state")),
                        quoted(files.socket()),
                        quoted(SandboxImage.NAME),
                        !Kernel.hasAppArmor(),
                        !Kernel.maySparePods(),
                        quoted(files.plugins()),
                        quoted(files.network()),
                        quoted(overlay ? "overlayfs" : "native")));
        runcLike(toml, files, Handlers.RUNC, programs.runc());
        switch (gvisor) {
            case Gvisor.Absent _ -> {}
            case Gvisor.OwnShim _ -> shim(toml, Handlers.RUNSC, "io.containerd.runsc.v1");
            case Gvisor.RuncShim _ -> runcLike(toml, files, Handlers.RUNSC, files.runscWrapper());
        }
        if (programs.hasKataShim()) {
            shim(toml, Handlers.KATA, "io.containerd.kata.v2");
        }
        return toml.toString();
    }

    private static void runcLike(StringBuilder toml, ContainerdFiles files, String handler, Path binary) {
        shim(toml, handler, "io.containerd.runc.v2");
        toml.append("""
                [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.%s.options]
                  BinaryName = %s
                  Root = %s
                """.formatted(handler, quoted(binary), quoted(files.state().resolve(handler))));
    }

    private static void shim(StringBuilder toml, String handler, String type) {
        toml.append("""
                [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.%s]
                  runtime_type = %s
                """.formatted(handler, quoted(type)));
    }

    private static String quoted(Object value) {
        return "\"" + value.toString().replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
