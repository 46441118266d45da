package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.WindowsSecurityContextOptions;
import io.insula.isolation.HostWorkload.Unsupported;
import io.insula.isolation.PodFieldDecisions;
import io.insula.syncer.engine.Trees;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What no isolation profile lets a pod carry to the host. Asked twice: by the tenant's admission, so that a user
/// hears of it at once, and by the syncer, which trusts no admission.
public final class PodRules {

    private static final String ONE_SOURCE = "may not specify more than 1 volume type";
    private static final String NO_DEVICES = "device claims are not available";

    /// What the host takes, less 16 KiB for annotations of the syncer's and the host's own.
    ///
    /// Source: kubernetes/apimachinery, `TotalAnnotationSizeLimitB`.
    private static final long ANNOTATION_BYTES = (256 - 16) * 1024L;

    private PodRules() {}

    /// The first field in the way; empty if there is none.
    public static Optional<Unsupported> refusal(Pod tenant) {
        return unknown(tenant)
                .or(() -> hostObjects(tenant))
                .or(() -> ambiguous(tenant))
                .or(() -> EphemeralClaims.refusal(tenant))
                .or(() -> PodHostname.refusal(tenant))
                .or(() -> marks(tenant));
    }

    /// Whether the labels and annotations that the pod mounts fit on the host; asked of changes too, as they may grow
    /// while the pod runs.
    public static Optional<Unsupported> marks(Pod tenant) {
        long bytes = DownwardFields.mounted(tenant).entrySet().stream()
                .mapToLong(each -> bytes(each.getKey()) + bytes(each.getValue()))
                .sum();
        return bytes <= ANNOTATION_BYTES
                ? Optional.empty()
                : refuse(
                        "metadata.annotations",
                        "what the pod mounts of its labels and annotations takes " + bytes
                                + " bytes on the host (expected: <= " + ANNOTATION_BYTES + ")");
    }

    private static long bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /// Before anything reads the pod: what is nobody's to read might stand where something else is expected.
    private static Optional<Unsupported> unknown(Pod tenant) {
        return PodFieldDecisions.unknown(tenant).map(found -> new Unsupported(found.field(), found.message()));
    }

    /// Objects of the host's that a pod can only name, not bring along.
    ///
    /// Source: Kubernetes API reference, `PodSpec.workloadRef` (alpha in v1.35), `ResourceClaim`,
    /// `WindowsSecurityContextOptions`.
    private static Optional<Unsupported> hostObjects(Pod tenant) {
        var spec = tenant.getSpec();
        if (spec.getWorkloadRef() != null) {
            return refuse("spec.workloadRef", "workloads are not scheduled together on the host");
        }
        if (spec.getResources() != null && !spec.getResources().getClaims().isEmpty()) {
            return refuse("spec.resources.claims", NO_DEVICES);
        }
        var context = spec.getSecurityContext();
        return windows("spec", context == null ? null : context.getWindowsOptions())
                .or(() -> containers("spec.containers", spec.getContainers()))
                .or(() -> containers("spec.initContainers", spec.getInitContainers()))
                .or(() -> containers("spec.ephemeralContainers", EphemeralContainers.plain(spec)));
    }

    private static Optional<Unsupported> containers(String path, List<Container> containers) {
        for (int i = 0; i < containers.size(); i++) {
            var each = containers.get(i);
            var at = path + "[" + i + "]";
            if (each.getResources() != null && !each.getResources().getClaims().isEmpty()) {
                return refuse(at + ".resources.claims", NO_DEVICES);
            }
            var context = each.getSecurityContext();
            var refused = windows(at, context == null ? null : context.getWindowsOptions());
            if (refused.isPresent()) {
                return refused;
            }
        }
        return Optional.empty();
    }

    private static Optional<Unsupported> windows(String path, @Nullable WindowsSecurityContextOptions options) {
        if (options != null && options.getGmsaCredentialSpecName() != null) {
            return refuse(
                    path + ".securityContext.windowsOptions.gmsaCredentialSpecName",
                    "the host's GMSA credential specs are not the tenant's");
        }
        return options != null && options.getGmsaCredentialSpec() != null
                ? refuse(
                        path + ".securityContext.windowsOptions.gmsaCredentialSpec",
                        "the accounts of the host's domain are not the tenant's")
                : Optional.empty();
    }

    /// One source that may be there could hide another that may not: rules ask for the first they know.
    private static Optional<Unsupported> ambiguous(Pod tenant) {
        var volumes = tenant.getSpec().getVolumes();
        for (int i = 0; i < volumes.size(); i++) {
            var path = "spec.volumes[" + i + "]";
            if (fields(volumes.get(i)) - 1 > 1) {
                return refuse(path, ONE_SOURCE);
            }
            var projected = volumes.get(i).getProjected();
            var sources = projected == null ? List.<VolumeProjection>of() : projected.getSources();
            for (int j = 0; j < sources.size(); j++) {
                if (fields(sources.get(j)) > 1) {
                    return refuse(path + ".projected.sources[" + j + "]", ONE_SOURCE);
                }
            }
        }
        return Optional.empty();
    }

    /// How many fields are set, whatever their names.
    private static int fields(Object value) {
        return Trees.of(value).size();
    }

    private static Optional<Unsupported> refuse(String field, String message) {
        return Optional.of(new Unsupported(field, message));
    }
}
