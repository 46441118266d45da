package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Volume;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Which volumes reach what.
final class VolumeKinds {

    /// What every boundary lets pass, by the name of the field that says it: content from the API, scratch space of the
    /// pod, storage that the host's own administrators provide, and images.
    static final Set<String> PASSED = Set.of(
            "configMap",
            "downwardAPI",
            "emptyDir",
            "ephemeral",
            "image",
            "persistentVolumeClaim",
            "projected",
            "secret");

    /// By the name of the field that says it.
    private static final Map<String, Function<Volume, @Nullable Object>> TYPES = Map.ofEntries(
            Map.entry("awsElasticBlockStore", Volume::getAwsElasticBlockStore),
            Map.entry("azureDisk", Volume::getAzureDisk),
            Map.entry("azureFile", Volume::getAzureFile),
            Map.entry("cephfs", Volume::getCephfs),
            Map.entry("cinder", Volume::getCinder),
            Map.entry("configMap", Volume::getConfigMap),
            Map.entry("csi", Volume::getCsi),
            Map.entry("downwardAPI", Volume::getDownwardAPI),
            Map.entry("emptyDir", Volume::getEmptyDir),
            Map.entry("ephemeral", Volume::getEphemeral),
            Map.entry("fc", Volume::getFc),
            Map.entry("flexVolume", Volume::getFlexVolume),
            Map.entry("flocker", Volume::getFlocker),
            Map.entry("gcePersistentDisk", Volume::getGcePersistentDisk),
            Map.entry("gitRepo", Volume::getGitRepo),
            Map.entry("glusterfs", Volume::getGlusterfs),
            Map.entry("hostPath", Volume::getHostPath),
            Map.entry("image", Volume::getImage),
            Map.entry("iscsi", Volume::getIscsi),
            Map.entry("nfs", Volume::getNfs),
            Map.entry("persistentVolumeClaim", Volume::getPersistentVolumeClaim),
            Map.entry("photonPersistentDisk", Volume::getPhotonPersistentDisk),
            Map.entry("portworxVolume", Volume::getPortworxVolume),
            Map.entry("projected", Volume::getProjected),
            Map.entry("quobyte", Volume::getQuobyte),
            Map.entry("rbd", Volume::getRbd),
            Map.entry("scaleIO", Volume::getScaleIO),
            Map.entry("secret", Volume::getSecret),
            Map.entry("storageos", Volume::getStorageos),
            Map.entry("vsphereVolume", Volume::getVsphereVolume));

    private VolumeKinds() {}

    /// The fields that say what the volume is, also those that are not known here; one, where an API server let it
    /// pass.
    static Set<String> types(Volume volume) {
        return Stream.concat(
                        TYPES.entrySet().stream()
                                .filter(type -> type.getValue().apply(volume) != null)
                                .map(Map.Entry::getKey),
                        volume.getAdditionalProperties().keySet().stream())
                .collect(Collectors.toUnmodifiableSet());
    }

    /// Whether it is something, and nothing but what passes.
    static boolean isPassed(Volume volume) {
        var types = types(volume);
        return !types.isEmpty() && PASSED.containsAll(types);
    }

    /// Storage that the host's own administrators provide.
    static boolean isClaimed(Volume volume) {
        return volume.getPersistentVolumeClaim() != null || volume.getEphemeral() != null;
    }
}
