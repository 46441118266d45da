package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Volume;

/// Which volumes reach what.
final class VolumeKinds {

    private VolumeKinds() {}

    /// Content from the API, or scratch space of the pod.
    static boolean isFromApi(Volume volume) {
        return volume.getConfigMap() != null
                || volume.getSecret() != null
                || volume.getEmptyDir() != null
                || volume.getDownwardAPI() != null
                || volume.getProjected() != null;
    }

    /// Storage that the host's own administrators provide.
    static boolean isClaimed(Volume volume) {
        return volume.getPersistentVolumeClaim() != null || volume.getEphemeral() != null;
    }

    static boolean isImage(Volume volume) {
        return volume.getImage() != null;
    }

    /// Source: Pod Security Standards, "Restricted", "Volume Types" (CSI inline and image volumes are allowed there).
    static boolean isRestrictedSafe(Volume volume) {
        return isFromApi(volume) || isClaimed(volume) || isImage(volume) || volume.getCsi() != null;
    }
}
