package io.insula.node.containerd;

import com.google.protobuf.ByteString;
import io.insula.cri.v1.Capability;
import io.insula.cri.v1.ContainerConfig;
import io.insula.cri.v1.ContainerMetadata;
import io.insula.cri.v1.DNSConfig;
import io.insula.cri.v1.Int64Value;
import io.insula.cri.v1.KeyValue;
import io.insula.cri.v1.LinuxContainerConfig;
import io.insula.cri.v1.LinuxContainerResources;
import io.insula.cri.v1.LinuxContainerSecurityContext;
import io.insula.cri.v1.LinuxPodSandboxConfig;
import io.insula.cri.v1.LinuxSandboxSecurityContext;
import io.insula.cri.v1.Mount;
import io.insula.cri.v1.MountPropagation;
import io.insula.cri.v1.NamespaceMode;
import io.insula.cri.v1.NamespaceOption;
import io.insula.cri.v1.PodSandboxConfig;
import io.insula.cri.v1.PodSandboxMetadata;
import io.insula.cri.v1.PortMapping;
import io.insula.cri.v1.Protocol;
import io.insula.cri.v1.SecurityProfile;
import io.insula.node.runtime.ContainerSpec;
import io.insula.node.runtime.Resources;
import io.insula.node.runtime.SandboxSpec;
import io.insula.node.runtime.Security;
import java.util.function.Consumer;

/// From the port's words to the messages of CRI. Immutable.
final class Requests {

    private final boolean hasAppArmor;

    /// @param hasAppArmor whether the kernel has it: without, asking for the default profile fails every container
    Requests(boolean hasAppArmor) {
        this.hasAppArmor = hasAppArmor;
    }

    PodSandboxConfig sandbox(SandboxSpec spec) {
        var config = PodSandboxConfig.newBuilder()
                .setMetadata(PodSandboxMetadata.newBuilder()
                        .setNamespace(spec.name().namespace())
                        .setName(spec.name().pod())
                        .setUid(spec.name().uid())
                        .setAttempt(spec.name().attempt()))
                .setHostname(spec.hostname())
                .setLogDirectory(spec.logs().toString())
                .putAllLabels(spec.labels())
                .putAllAnnotations(spec.annotations())
                .setLinux(LinuxPodSandboxConfig.newBuilder()
                        .setCgroupParent(spec.cgroupParent())
                        .putAllSysctls(spec.sysctls())
                        .setOverhead(resources(spec.overhead()))
                        .setSecurityContext(sandboxSecurity(spec)));
        spec.dns()
                .ifPresent(dns -> config.setDnsConfig(DNSConfig.newBuilder()
                        .addAllServers(dns.servers())
                        .addAllSearches(dns.searches())
                        .addAllOptions(dns.options())));
        for (SandboxSpec.PortMapping port : spec.ports()) {
            config.addPortMappings(PortMapping.newBuilder()
                    .setProtocol(Protocol.valueOf(port.protocol()))
                    .setContainerPort(port.containerPort())
                    .setHostPort(port.hostPort())
                    .setHostIp(port.hostIp()));
        }
        return config.build();
    }

    private LinuxSandboxSecurityContext sandboxSecurity(SandboxSpec spec) {
        Security security = spec.security();
        var context = LinuxSandboxSecurityContext.newBuilder()
                .setNamespaceOptions(namespaces(spec.namespaces()))
                .setPrivileged(security.privileged())
                .setReadonlyRootfs(security.readOnlyRoot())
                .addAllSupplementalGroups(security.supplementalGroups())
                .setSeccomp(profile(security.seccomp()));
        appArmor(security, context::setApparmor);
        security.user().ifPresent(user -> context.setRunAsUser(number(user)));
        security.group().ifPresent(group -> context.setRunAsGroup(number(group)));
        return context.build();
    }

    ContainerConfig container(ContainerSpec spec) {
        var config = ContainerConfig.newBuilder()
                .setMetadata(ContainerMetadata.newBuilder().setName(spec.name()).setAttempt(spec.attempt()))
                .setImage(io.insula.cri.v1.ImageSpec.newBuilder()
                        .setImage(spec.image())
                        .setUserSpecifiedImage(spec.userImage()))
                .addAllCommand(spec.command())
                .addAllArgs(spec.args())
                .setWorkingDir(spec.workingDir())
                .putAllLabels(spec.labels())
                .putAllAnnotations(spec.annotations())
                .setLogPath(spec.log())
                .setStdin(spec.stdin())
                .setStdinOnce(spec.stdinOnce())
                .setTty(spec.tty())
                .setLinux(LinuxContainerConfig.newBuilder()
                        .setResources(resources(spec.resources()))
                        .setSecurityContext(containerSecurity(spec)));
        spec.env()
                .forEach((name, value) ->
                        config.addEnvs(KeyValue.newBuilder().setKey(name).setValue(ByteString.copyFromUtf8(value))));
        for (ContainerSpec.Mount mount : spec.mounts()) {
            config.addMounts(Mount.newBuilder()
                    .setContainerPath(mount.container())
                    .setHostPath(mount.host().toString())
                    .setReadonly(mount.readOnly())
                    .setPropagation(propagation(mount.propagation())));
        }
        return config.build();
    }

    private LinuxContainerSecurityContext containerSecurity(ContainerSpec spec) {
        Security security = spec.security();
        NamespaceOption.Builder namespaces = namespaces(spec.namespaces()).toBuilder();
        if (!spec.targetId().isEmpty() && namespaces.getPid() == NamespaceMode.CONTAINER) {
            namespaces.setPid(NamespaceMode.TARGET).setTargetId(spec.targetId());
        }
        var context = LinuxContainerSecurityContext.newBuilder()
                .setCapabilities(Capability.newBuilder()
                        .addAllAddCapabilities(security.addCapabilities())
                        .addAllDropCapabilities(security.dropCapabilities()))
                .setPrivileged(security.privileged())
                .setNamespaceOptions(namespaces)
                .setRunAsUsername(security.user().isPresent() ? "" : security.username())
                .setReadonlyRootfs(security.readOnlyRoot())
                .addAllSupplementalGroups(security.supplementalGroups())
                .setNoNewPrivs(security.noNewPrivileges())
                .addAllMaskedPaths(security.maskedPaths())
                .addAllReadonlyPaths(security.readOnlyPaths())
                .setSeccomp(profile(security.seccomp()));
        appArmor(security, context::setApparmor);
        security.user().ifPresent(user -> context.setRunAsUser(number(user)));
        security.group().ifPresent(group -> context.setRunAsGroup(number(group)));
        return context.build();
    }

    static LinuxContainerResources resources(Resources resources) {
        return LinuxContainerResources.newBuilder()
                .setCpuShares(resources.cpuShares())
                .setCpuPeriod(resources.cpuPeriodMicros())
                .setCpuQuota(resources.cpuQuotaMicros())
                .setMemoryLimitInBytes(resources.memoryLimitBytes())
                .setOomScoreAdj(resources.oomScoreAdj())
                .putAllUnified(resources.unified())
                .build();
    }

    /// The default is left out where the kernel has none; a profile that somebody named stays, so that the runtime
    /// refuses what cannot be kept.
    private void appArmor(Security security, Consumer<SecurityProfile> context) {
        if (hasAppArmor || security.appArmor() instanceof Security.Profile.Localhost) {
            context.accept(profile(security.appArmor()));
        }
    }

    private static SecurityProfile profile(Security.Profile profile) {
        var message = SecurityProfile.newBuilder();
        return switch (profile) {
            case Security.Profile.RuntimeDefault() ->
                message.setProfileType(SecurityProfile.ProfileType.RuntimeDefault)
                        .build();
            case Security.Profile.Unconfined() ->
                message.setProfileType(SecurityProfile.ProfileType.Unconfined).build();
            case Security.Profile.Localhost(String reference) ->
                message.setProfileType(SecurityProfile.ProfileType.Localhost)
                        .setLocalhostRef(reference)
                        .build();
        };
    }

    private static NamespaceOption namespaces(SandboxSpec.Namespaces namespaces) {
        return NamespaceOption.newBuilder()
                .setNetwork(namespaces.hostNetwork() ? NamespaceMode.NODE : NamespaceMode.POD)
                .setPid(pid(namespaces))
                .setIpc(namespaces.hostIpc() ? NamespaceMode.NODE : NamespaceMode.POD)
                .build();
    }

    private static NamespaceMode pid(SandboxSpec.Namespaces namespaces) {
        if (namespaces.hostPid()) {
            return NamespaceMode.NODE;
        }
        return namespaces.sharedPid() ? NamespaceMode.POD : NamespaceMode.CONTAINER;
    }

    private static MountPropagation propagation(ContainerSpec.Propagation propagation) {
        return switch (propagation) {
            case PRIVATE -> MountPropagation.PROPAGATION_PRIVATE;
            case HOST_TO_CONTAINER -> MountPropagation.PROPAGATION_HOST_TO_CONTAINER;
            case BIDIRECTIONAL -> MountPropagation.PROPAGATION_BIDIRECTIONAL;
        };
    }

    private static Int64Value number(long value) {
        return Int64Value.newBuilder().setValue(value).build();
    }
}
