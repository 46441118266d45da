package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Capabilities;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.LifecycleHandler;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.SELinuxOptions;
import io.fabric8.kubernetes.api.model.SeccompProfile;
import io.fabric8.kubernetes.api.model.Sysctl;
import io.fabric8.kubernetes.api.model.WindowsSecurityContextOptions;
import io.insula.isolation.PodFields.Located;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The Pod Security Standards as a function from a pod to every field that breaks them.
///
/// Source: Kubernetes documentation, "Pod Security Standards", tables "Baseline" and "Restricted" (v1.34).
public final class PodSecurity {

    static final Set<String> BASELINE_CAPABILITIES = Set.of(
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
    static final Set<String> SAFE_SYSCTLS = Set.of(
            "kernel.shm_rmid_forced",
            "net.ipv4.ip_local_port_range",
            "net.ipv4.ip_local_reserved_ports",
            "net.ipv4.ip_unprivileged_port_start",
            "net.ipv4.ping_group_range",
            "net.ipv4.tcp_fin_timeout",
            "net.ipv4.tcp_keepalive_intvl",
            "net.ipv4.tcp_keepalive_probes",
            "net.ipv4.tcp_keepalive_time",
            "net.ipv4.tcp_rmem",
            "net.ipv4.tcp_syncookies",
            "net.ipv4.tcp_wmem");
    static final Set<String> SELINUX_TYPES =
            Set.of("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t");
    static final Set<String> SECCOMP_TYPES = Set.of("RuntimeDefault", "Localhost");

    private static final String APP_ARMOR_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/";

    private final Pod pod;
    private final List<FieldViolation> found = new ArrayList<>();

    private PodSecurity(Pod pod) {
        this.pod = pod;
    }

    /// Every field of `pod` that `level` forbids, in the order of the pod's fields; empty when it complies.
    public static List<FieldViolation> violations(Pod pod, PodSecurityLevel level) {
        var check = new PodSecurity(pod);
        if (level != PodSecurityLevel.PRIVILEGED) {
            check.baseline();
        }
        if (level == PodSecurityLevel.RESTRICTED) {
            check.restricted();
        }
        return List.copyOf(check.found);
    }

    /// The hosts that probes and hooks name: the kubelet would call them from the node's network, so no sandbox helps.
    static List<FieldViolation> hosts(Pod pod) {
        var check = new PodSecurity(pod);
        PodFields.containers(pod).forEach(check::handlerHosts);
        return check.found;
    }

    private void baseline() {
        var spec = PodFields.spec(pod);
        forbid(PodFields.isTrue(spec.getHostNetwork()), "spec.hostNetwork", "host namespaces are forbidden");
        forbid(PodFields.isTrue(spec.getHostPID()), "spec.hostPID", "host namespaces are forbidden");
        forbid(PodFields.isTrue(spec.getHostIPC()), "spec.hostIPC", "host namespaces are forbidden");
        for (int i = 0; i < spec.getVolumes().size(); i++) {
            var path = "spec.volumes[" + i + "].hostPath";
            forbid(spec.getVolumes().get(i).getHostPath() != null, path, "hostPath volumes are forbidden");
        }
        appArmorAnnotations();
        var context = spec.getSecurityContext();
        if (context != null) {
            baselinePod(context);
        }
        PodFields.containers(pod).forEach(this::baselineContainer);
    }

    private void baselinePod(PodSecurityContext context) {
        seccomp("spec.securityContext", context.getSeccompProfile());
        selinux("spec.securityContext", context.getSeLinuxOptions());
        windows("spec.securityContext", context.getWindowsOptions());
        appArmor(
                "spec.securityContext",
                context.getAppArmorProfile() == null
                        ? null
                        : context.getAppArmorProfile().getType());
        List<Sysctl> sysctls = context.getSysctls();
        for (int i = 0; i < sysctls.size(); i++) {
            var name = sysctls.get(i).getName();
            forbid(
                    !SAFE_SYSCTLS.contains(name),
                    "spec.securityContext.sysctls[" + i + "]",
                    "sysctl \"" + name + "\" is not among the safe ones");
        }
    }

    /// How AppArmor was asked for before Kubernetes 1.30; kubelets still read it.
    private void appArmorAnnotations() {
        var annotations = pod.getMetadata() == null ? null : pod.getMetadata().getAnnotations();
        if (annotations == null) {
            return;
        }
        new TreeMap<>(annotations)
                .forEach((key, value) -> forbid(
                        key.startsWith(APP_ARMOR_ANNOTATION)
                                && !value.isEmpty()
                                && !value.equals("runtime/default")
                                && !value.startsWith("localhost/"),
                        "metadata.annotations[" + key + "]",
                        "AppArmor profile \"" + value + "\" is not allowed"));
    }

    private void baselineContainer(Located located) {
        var path = located.path() + ".securityContext";
        var context = located.security();
        forbid(PodFields.isTrue(context.getPrivileged()), path + ".privileged", "privileged containers are forbidden");
        seccomp(path, context.getSeccompProfile());
        selinux(path, context.getSeLinuxOptions());
        windows(path, context.getWindowsOptions());
        appArmor(
                path,
                context.getAppArmorProfile() == null
                        ? null
                        : context.getAppArmorProfile().getType());
        capabilities(path, context.getCapabilities(), BASELINE_CAPABILITIES);
        var mount = context.getProcMount();
        forbid(
                mount != null && !mount.isEmpty() && !mount.equals("Default"),
                path + ".procMount",
                "only Default is allowed");
        hostPorts(located);
        handlerHosts(located);
    }

    private void handlerHosts(Located located) {
        probeHost(located.path() + ".livenessProbe", located.container().getLivenessProbe());
        probeHost(located.path() + ".readinessProbe", located.container().getReadinessProbe());
        probeHost(located.path() + ".startupProbe", located.container().getStartupProbe());
        var lifecycle = located.container().getLifecycle();
        if (lifecycle != null) {
            handlerHost(located.path() + ".lifecycle.postStart", lifecycle.getPostStart());
            handlerHost(located.path() + ".lifecycle.preStop", lifecycle.getPreStop());
        }
    }

    private void hostPorts(Located located) {
        List<ContainerPort> ports = located.container().getPorts();
        for (int i = 0; i < ports.size(); i++) {
            var port = ports.get(i).getHostPort();
            forbid(
                    port != null && port != 0,
                    located.path() + ".ports[" + i + "].hostPort",
                    "host ports are forbidden");
        }
    }

    private void probeHost(String path, @Nullable Probe probe) {
        if (probe != null) {
            host(
                    path + ".httpGet.host",
                    probe.getHttpGet() == null ? null : probe.getHttpGet().getHost());
            host(
                    path + ".tcpSocket.host",
                    probe.getTcpSocket() == null ? null : probe.getTcpSocket().getHost());
        }
    }

    private void handlerHost(String path, @Nullable LifecycleHandler handler) {
        if (handler != null) {
            host(
                    path + ".httpGet.host",
                    handler.getHttpGet() == null ? null : handler.getHttpGet().getHost());
            host(
                    path + ".tcpSocket.host",
                    handler.getTcpSocket() == null
                            ? null
                            : handler.getTcpSocket().getHost());
        }
    }

    /// The kubelet would call it from the node's network: a probe of something else than the pod.
    private void host(String path, @Nullable String host) {
        forbid(host != null && !host.isEmpty(), path, "probes and hooks may only reach their own pod");
    }

    private void restricted() {
        var spec = PodFields.spec(pod);
        for (int i = 0; i < spec.getVolumes().size(); i++) {
            var volume = spec.getVolumes().get(i);
            forbid(
                    !VolumeKinds.isRestrictedSafe(volume),
                    "spec.volumes[" + i + "]",
                    "volume \"" + volume.getName() + "\" has a type that is not allowed");
        }
        var context = spec.getSecurityContext() == null ? new PodSecurityContext() : spec.getSecurityContext();
        rootUser("spec.securityContext", context.getRunAsUser());
        for (var located : PodFields.containers(pod)) {
            restrictedContainer(located, context);
        }
    }

    private void restrictedContainer(Located located, PodSecurityContext podContext) {
        var path = located.path() + ".securityContext";
        var context = located.security();
        var nonRoot = context.getRunAsNonRoot() == null ? podContext.getRunAsNonRoot() : context.getRunAsNonRoot();
        forbid(!PodFields.isTrue(nonRoot), path + ".runAsNonRoot", "must be true");
        rootUser(path, context.getRunAsUser());
        if (isWindows()) {
            return; // what follows means nothing there
        }
        forbid(
                !Boolean.FALSE.equals(context.getAllowPrivilegeEscalation()),
                path + ".allowPrivilegeEscalation",
                "must be false");
        var seccomp =
                context.getSeccompProfile() == null ? podContext.getSeccompProfile() : context.getSeccompProfile();
        forbid(
                seccomp == null || !SECCOMP_TYPES.contains(String.valueOf(seccomp.getType())),
                path + ".seccompProfile",
                "must be RuntimeDefault or Localhost");
        var capabilities = context.getCapabilities();
        forbid(
                capabilities == null || !capabilities.getDrop().contains("ALL"),
                path + ".capabilities.drop",
                "must contain ALL");
        capabilities(path, capabilities, Set.of("NET_BIND_SERVICE"));
    }

    private boolean isWindows() {
        var os = PodFields.spec(pod).getOs();
        return os != null && "windows".equals(os.getName());
    }

    private void rootUser(String path, @Nullable Long user) {
        forbid(user != null && user == 0, path + ".runAsUser", "must not be 0");
    }

    private void seccomp(String path, @Nullable SeccompProfile profile) {
        forbid(
                profile != null && !SECCOMP_TYPES.contains(String.valueOf(profile.getType())),
                path + ".seccompProfile.type",
                "only RuntimeDefault and Localhost are allowed");
    }

    private void selinux(String path, @Nullable SELinuxOptions options) {
        if (options == null) {
            return;
        }
        var type = options.getType() == null ? "" : options.getType();
        forbid(!SELINUX_TYPES.contains(type), path + ".seLinuxOptions.type", "type \"" + type + "\" is not allowed");
        forbid(notEmpty(options.getUser()), path + ".seLinuxOptions.user", "may not be set");
        forbid(notEmpty(options.getRole()), path + ".seLinuxOptions.role", "may not be set");
    }

    private void windows(String path, @Nullable WindowsSecurityContextOptions options) {
        forbid(
                options != null && PodFields.isTrue(options.getHostProcess()),
                path + ".windowsOptions.hostProcess",
                "host processes are forbidden");
    }

    private void appArmor(String path, @Nullable String type) {
        forbid("Unconfined".equals(type), path + ".appArmorProfile.type", "Unconfined is forbidden");
    }

    private void capabilities(String path, @Nullable Capabilities capabilities, Set<String> allowed) {
        if (capabilities == null) {
            return;
        }
        for (var added : capabilities.getAdd()) {
            forbid(!allowed.contains(added), path + ".capabilities.add", "capability \"" + added + "\" is not allowed");
        }
    }

    static boolean isContainerLabel(SELinuxOptions options) {
        return (options.getType() == null || SELINUX_TYPES.contains(options.getType()))
                && !notEmpty(options.getUser())
                && !notEmpty(options.getRole());
    }

    private static boolean notEmpty(@Nullable String text) {
        return text != null && !text.isEmpty();
    }

    private void forbid(boolean broken, String field, String message) {
        var violation = new FieldViolation(field, message);
        if (broken && !found.contains(violation)) {
            found.add(violation);
        }
    }
}
