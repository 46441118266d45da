package io.insula.rules.podsecurity;

import java.util.Set;
import java.util.TreeSet;

/// The values that the standards allow. Source: Kubernetes documentation, "Pod Security Standards"; since which release
/// a value is allowed: kubernetes/pod-security-admission, `policy`.
public final class AllowedValues {

    public static final Set<String> CAPABILITIES = Set.of(
            "AUDIT_WRITE",
            "CHOWN",
            "DAC_OVERRIDE",
            "FOWNER",
            "FSETID",
            "KILL",
            "MKNOD",
            "NET_BIND_SERVICE",
            "SETFCAP",
            "SETGID",
            "SETPCAP",
            "SETUID",
            "SYS_CHROOT");
    /// What a container that dropped all may add again.
    public static final Set<String> RESTRICTED_CAPABILITIES = Set.of("NET_BIND_SERVICE");

    public static final Set<String> SECCOMP_TYPES = Set.of("RuntimeDefault", "Localhost");
    public static final Set<String> APP_ARMOR_TYPES = Set.of("RuntimeDefault", "Localhost");
    public static final Set<String> RESTRICTED_VOLUMES = Set.of(
            "configMap",
            "csi",
            "downwardAPI",
            "emptyDir",
            "ephemeral",
            "image",
            "persistentVolumeClaim",
            "projected",
            "secret");

    static final Set<String> SYSCTLS_0 = Set.of(
            "kernel.shm_rmid_forced",
            "net.ipv4.ip_local_port_range",
            "net.ipv4.ip_unprivileged_port_start",
            "net.ipv4.ping_group_range",
            "net.ipv4.tcp_syncookies");
    static final Set<String> SYSCTLS_27 = with(SYSCTLS_0, "net.ipv4.ip_local_reserved_ports");
    static final Set<String> SYSCTLS_29 = with(
            SYSCTLS_27,
            "net.ipv4.tcp_fin_timeout",
            "net.ipv4.tcp_keepalive_intvl",
            "net.ipv4.tcp_keepalive_probes",
            "net.ipv4.tcp_keepalive_time");
    static final Set<String> SYSCTLS_32 = with(SYSCTLS_29, "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem");
    static final Set<String> SYSCTLS_37 =
            with(SYSCTLS_32, "net.ipv4.tcp_notsent_lowat", "net.ipv4.tcp_slow_start_after_idle");
    static final Set<String> SELINUX_TYPES_0 = Set.of("", "container_t", "container_init_t", "container_kvm_t");
    static final Set<String> SELINUX_TYPES_31 = with(SELINUX_TYPES_0, "container_engine_t");

    /// As of the release that [PodSecurityStandards#SERVED] takes for the latest.
    public static final Set<String> SYSCTLS = SYSCTLS_32;

    /// As of the release that [PodSecurityStandards#SERVED] takes for the latest.
    public static final Set<String> SELINUX_TYPES = SELINUX_TYPES_31;

    private AllowedValues() {}

    private static Set<String> with(Set<String> values, String... more) {
        var all = new TreeSet<>(values);
        all.addAll(Set.of(more));
        return Set.copyOf(all);
    }
}
