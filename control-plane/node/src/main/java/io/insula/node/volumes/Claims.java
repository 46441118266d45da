package io.insula.node.volumes;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.insula.node.pod.PodSources;
import java.util.Objects;

/// The volumes that a pod claims: by a claim's name, or by one that was made for it alone. Stateless;
/// `sources` are asked.
///
/// Source: kubernetes, `pkg/kubelet/volumemanager/populator/desired_state_of_world_populator.go`.
final class Claims {

    private Claims() {}

    /// Whether `volume` is one of these.
    static boolean isFor(Volume volume) {
        return volume.getPersistentVolumeClaim() != null || volume.getEphemeral() != null;
    }

    /// The volume that is bound to what the pod claims.
    ///
    /// @throws VolumeFault with the kubelet's message where none is yet
    static PersistentVolume volume(Pod pod, Volume volume, PodSources sources) {
        String namespace = pod.getMetadata().getNamespace();
        String name = volume.getPersistentVolumeClaim() == null
                ? pod.getMetadata().getName() + "-" + volume.getName()
                : volume.getPersistentVolumeClaim().getClaimName();
        try {
            PersistentVolumeClaim claim = sources.claim(namespace, name)
                    .orElseThrow(() -> new VolumeFault(
                            "failed to fetch PVC from API server: persistentvolumeclaim \"" + name + "\" not found"));
            if (volume.getEphemeral() != null && !isOwner(pod, claim)) {
                throw new VolumeFault("PVC " + namespace + "/" + name + " was not created for pod " + namespace + "/"
                        + pod.getMetadata().getName() + " (pod is not owner)");
            }
            return bound(claim, sources);
        } catch (VolumeFault e) {
            String volumes = "[" + volume.getName() + "]";
            throw new VolumeFault(
                    "Unable to attach or mount volumes: unmounted volumes=" + volumes + ", unattached volumes="
                            + volumes + ", failed to process volumes=" + volumes + ": error processing PVC "
                            + namespace + "/" + name + ": " + e.getMessage(),
                    e);
        }
    }

    private static boolean isOwner(Pod pod, PersistentVolumeClaim claim) {
        return claim.getMetadata().getOwnerReferences().stream()
                .filter(owner -> Boolean.TRUE.equals(owner.getController()))
                .map(OwnerReference::getUid)
                .anyMatch(pod.getMetadata().getUid()::equals);
    }

    private static PersistentVolume bound(PersistentVolumeClaim claim, PodSources sources) {
        String name = Objects.requireNonNullElse(claim.getSpec().getVolumeName(), "");
        if (name.isEmpty()
                || claim.getStatus() == null
                || !"Bound".equals(claim.getStatus().getPhase())) {
            throw new VolumeFault("PVC is not bound");
        }
        PersistentVolume volume = sources.volume(name)
                .orElseThrow(() -> new VolumeFault("failed to fetch PV " + name
                        + " from API server: persistentvolume \"" + name + "\" not found"));
        var reference = volume.getSpec().getClaimRef();
        String uid = claim.getMetadata().getUid();
        if (reference == null || !uid.equals(reference.getUid())) {
            throw new VolumeFault("found PV object " + name + " but its pv.Spec.ClaimRef.UID "
                    + (reference == null ? "\"\"" : reference.getUid()) + " does not point to claim.UID " + uid);
        }
        if ("Block".equals(volume.getSpec().getVolumeMode())) {
            throw new VolumeFault("volume " + name + " has volumeMode Block, which this node does not serve");
        }
        return volume;
    }
}
