package io.insula.isolation;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/// What separates a pod from the host's kernel.
public enum Sandbox {
    /// Linux namespaces and cgroups only: the kernel is shared.
    RUNC("", "runc", "0", "0"),
    /// A user-space kernel answers the system calls.
    GVISOR("gvisor", "runsc", "100m", "64Mi"),
    /// A lightweight virtual machine per pod, under the container runtime.
    KATA("kata", "kata", "250m", "160Mi"),
    /// A virtual machine of its own whose guest runs the pod's containers.
    KUBEVIRT("", "", "100m", "384Mi");

    private final String runtimeClassName;
    private final String handler;
    private final String cpu;
    private final String memory;

    Sandbox(String runtimeClassName, String handler, String cpu, String memory) {
        this.runtimeClassName = runtimeClassName;
        this.handler = handler;
        this.cpu = cpu;
        this.memory = memory;
    }

    /// What one sandbox takes on the node beside its containers, unless the profile says otherwise; `deploy/` has the
    /// same in the RuntimeClasses.
    ///
    /// Source: Kata Containers, `tools/packaging/kata-deploy` RuntimeClasses. KubeVirt: launcher, libvirt, QEMU
    /// and page tables of a machine of a few GiB (some 250 MiB), and 128 MiB for the guest's own system.
    public Resources defaultOverhead() {
        return Resources.of(cpu, memory);
    }

    /// The RuntimeClass a host pod gets unless the profile names another; empty: the node's default runtime.
    public String defaultRuntimeClassName() {
        return runtimeClassName;
    }

    /// The container runtime's handler as usually configured on nodes.
    ///
    /// Source: gVisor and Kata Containers installation guides, "containerd" (`runsc`, `kata`).
    public String handler() {
        return handler;
    }

    /// As written in manifests.
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// @throws IllegalArgumentException if there is no such sandbox; the message lists those there are
    public static Sandbox parse(String wireName) {
        return Arrays.stream(values())
                .filter(sandbox -> sandbox.wireName().equals(wireName))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("sandbox: \"" + wireName + "\" (expected: one of "
                        + Arrays.stream(values()).map(Sandbox::wireName).collect(Collectors.joining(", ")) + ")"));
    }
}
