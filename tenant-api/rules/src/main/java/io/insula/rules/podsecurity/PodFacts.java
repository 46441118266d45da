package io.insula.rules.podsecurity;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the standards read of a pod or pod template, whatever form it has. Immutable.
///
/// Who fills it in reads strictly: what is there and cannot be read counts as the worst that it could be.
///
/// @param annotations of the pod
/// @param os `spec.os.name`; empty where it is not given
/// @param hostNamespaces those of `hostNetwork`, `hostPID`, `hostIPC` that are true, in this order
/// @param usersOfItsOwn whether `hostUsers` is false
/// @param volumes in the pod's order
/// @param sysctls their names, in the pod's order
/// @param security of the whole pod
/// @param containers the initial ones, then the main ones, then the ephemeral ones
public record PodFacts(
        Map<String, String> annotations,
        String os,
        List<String> hostNamespaces,
        boolean usersOfItsOwn,
        List<Volume> volumes,
        List<String> sysctls,
        Security security,
        List<Container> containers) {

    /// @param types the names of the fields that say what the volume is
    public record Volume(String name, Set<String> types) {}

    /// What pods and containers may both say. Null is what they do not say; an object without its type has the type
    /// `""`.
    ///
    /// @param seccomp the type of the profile
    /// @param appArmor the type of the profile
    /// @param seLinux the options
    /// @param hostProcess on Windows
    /// @param runAsNonRoot may be false, which is not the same as null
    /// @param runsAsRoot whether `runAsUser` is 0
    public record Security(
            @Nullable String seccomp,
            @Nullable String appArmor,
            @Nullable SeLinux seLinux,
            boolean hostProcess,
            @Nullable Boolean runAsNonRoot,
            boolean runsAsRoot) {

        public static final Security UNSAID = new Security(null, null, null, false, null, false);
    }

    /// Empty texts are what is not given.
    public record SeLinux(String type, String user, String role) {}

    /// @param path `spec.initContainers[0]`
    /// @param name of the container
    /// @param security what it says as pods also may
    /// @param privileged whether it asks for that
    /// @param mayEscalate whether `allowPrivilegeEscalation` is anything but false
    /// @param capabilities added and dropped
    /// @param procMount `Default` where it is not given
    /// @param hostPorts what is not 0; paths are relative to the container's
    /// @param handlerHosts what probes and hooks name as their host; paths are relative to the container's
    public record Container(
            String path,
            String name,
            Security security,
            boolean privileged,
            boolean mayEscalate,
            Capabilities capabilities,
            String procMount,
            List<Field> hostPorts,
            List<Field> handlerHosts) {}

    public record Capabilities(List<String> added, List<String> dropped) {
        public static final Capabilities UNSAID = new Capabilities(List.of(), List.of());
    }

    /// @param path `ports[0].hostPort`
    /// @param value as text
    public record Field(String path, String value) {}
}
