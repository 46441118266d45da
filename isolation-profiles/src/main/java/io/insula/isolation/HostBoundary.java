package io.insula.isolation;

import io.fabric8.kubernetes.api.model.AppArmorProfile;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What no tenant pod may reach on the host, whatever level of pod security its profile has. The rule is an
/// allow-list where the API grows (volumes, unknown fields), so that a newer field is refused until somebody
/// has judged it.
final class HostBoundary {

    private static final String UNCONFINED = "the node's AppArmor confines every sandbox";
    private static final String LABEL = "the node's SELinux confines every sandbox as a container";

    private HostBoundary() {}

    /// For every profile: fields that choose things of the host rather than of the pod.
    static Optional<FieldViolation> common(Pod pod, PodSecurity security, ProfileSettings settings) {
        var spec = PodFields.spec(pod);
        if (isSet(spec.getNodeName())) {
            return refuse("spec.nodeName", "the host's scheduler chooses the node");
        }
        if (isSet(spec.getSchedulerName()) && !spec.getSchedulerName().equals("default-scheduler")) {
            return refuse("spec.schedulerName", "only default-scheduler schedules on the host");
        }
        if (!spec.getResourceClaims().isEmpty()) {
            return refuse("spec.resourceClaims", "device claims are not available");
        }
        return volumes(spec)
                .or(() -> settings.allowances().check(pod))
                .or(() -> settings.priorityClasses().check(spec))
                .or(() -> selector(spec, settings.nodePool().selector()))
                .or(() -> Tolerations.check(spec))
                .or(() -> LocalhostProfiles.check(pod, settings))
                .or(() -> security.hosts().stream().findFirst())
                .or(() -> PodFieldDecisions.builtIn().check(pod, settings.sandbox()));
    }

    /// For profiles whose pods are processes of a node: no namespace, device or privilege of the
    /// node, and no port but those that the profile gives.
    static Optional<FieldViolation> node(Pod pod, HostPorts ports) {
        var spec = PodFields.spec(pod);
        if (PodFields.isTrue(spec.getHostNetwork())) {
            return refuse("spec.hostNetwork", "the node's network namespace is shared by all tenants");
        }
        if (PodFields.isTrue(spec.getHostPID())) {
            return refuse("spec.hostPID", "the node's process namespace is shared by all tenants");
        }
        if (PodFields.isTrue(spec.getHostIPC())) {
            return refuse("spec.hostIPC", "the node's IPC namespace is shared by all tenants");
        }
        var whole = spec.getSecurityContext();
        if (whole != null && isUnconfined(whole.getAppArmorProfile())) {
            return refuse("spec.securityContext.appArmorProfile.type", UNCONFINED);
        }
        if (whole != null
                && whole.getSeLinuxOptions() != null
                && !PodSecurity.isContainerLabel(whole.getSeLinuxOptions())) {
            return refuse("spec.securityContext.seLinuxOptions", LABEL);
        }
        for (var located : PodFields.containers(pod)) {
            var context = located.security();
            if (PodFields.isTrue(context.getPrivileged())) {
                return refuse(
                        located.path() + ".securityContext.privileged",
                        "a privileged container owns the node; a kubevirt profile can run it");
            }
            if (context.getProcMount() != null && !context.getProcMount().equals("Default")) {
                return refuse(located.path() + ".securityContext.procMount", "the node's /proc stays masked");
            }
            if (isUnconfined(context.getAppArmorProfile())) {
                return refuse(located.path() + ".securityContext.appArmorProfile.type", UNCONFINED);
            }
            if (context.getSeLinuxOptions() != null && !PodSecurity.isContainerLabel(context.getSeLinuxOptions())) {
                return refuse(located.path() + ".securityContext.seLinuxOptions", LABEL);
            }
            if (!located.container().getVolumeDevices().isEmpty()
                    && PodFields.spec(pod).getVolumes().stream().noneMatch(VolumeKinds::isClaimed)) {
                return refuse(located.path() + ".volumeDevices", "no claim backs it");
            }
        }
        return ports.check(pod);
    }

    private static Optional<FieldViolation> volumes(PodSpec spec) {
        for (int i = 0; i < spec.getVolumes().size(); i++) {
            var volume = spec.getVolumes().get(i);
            var path = "spec.volumes[" + i + "]";
            if (volume.getHostPath() != null) {
                return refuse(path + ".hostPath", "the node's files are shared by all tenants");
            }
            var source = projected(volume);
            if (source >= 0) {
                return refuse(
                        path + ".projected.sources[" + source + "]",
                        "only ConfigMaps, Secrets, the downward API and service account tokens can be projected");
            }
            if (!VolumeKinds.isPassed(volume)) {
                return refuse(path, "only API content, claims and images can be mounted");
            }
        }
        return Optional.empty();
    }

    /// The first projected source that is the host's own content (its trust bundles, certificates of its nodes'
    /// signers) or not known; -1 if there is none.
    private static int projected(Volume volume) {
        if (volume.getProjected() == null) {
            return -1;
        }
        var sources = volume.getProjected().getSources();
        return IntStream.range(0, sources.size())
                .filter(i -> {
                    var source = sources.get(i);
                    return !source.getAdditionalProperties().isEmpty()
                            || (source.getConfigMap() == null
                                    && source.getSecret() == null
                                    && source.getDownwardAPI() == null
                                    && source.getServiceAccountToken() == null);
                })
                .findFirst()
                .orElse(-1);
    }

    private static Optional<FieldViolation> selector(PodSpec spec, Map<String, String> pool) {
        for (var asked : spec.getNodeSelector().entrySet()) {
            var given = pool.get(asked.getKey());
            if (given != null && !given.equals(asked.getValue())) {
                return refuse(
                        "spec.nodeSelector[" + asked.getKey() + "]",
                        "the isolation profile fixes this label to \"" + given + "\"");
            }
        }
        return Optional.empty();
    }

    /// It is the sandbox's own process that the node confines, whatever kernel the containers see.
    private static boolean isUnconfined(@Nullable AppArmorProfile profile) {
        return profile != null && "Unconfined".equals(profile.getType());
    }

    private static boolean isSet(@Nullable String text) {
        return text != null && !text.isEmpty();
    }

    private static Optional<FieldViolation> refuse(String field, String message) {
        return Optional.of(new FieldViolation(field, message));
    }
}
