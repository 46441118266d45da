package io.insula.isolation;

import io.fabric8.kubernetes.api.model.DownwardAPIVolumeFile;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The disks that carry API content and claims into the guest: one per distinct ConfigMap, Secret, claim or downward
/// API source that the pod's volumes or environment name. The guest finds each by its serial.
///
/// Immutable.
final class GuestDisks {

    /// @param source the VirtualMachineInstance volume's source, without its name
    /// @param optional whether all who name it can do without
    private record Disk(String serial, Map<String, Object> source, boolean optional) {
        Map<String, Object> asVolume() {
            var volume = new LinkedHashMap<String, Object>();
            volume.put("name", serial);
            source.forEach((kind, fields) -> volume.put(kind, optional ? marked((Map<?, ?>) fields) : fields));
            return volume;
        }

        private static Map<Object, Object> marked(Map<?, ?> fields) {
            var marked = new LinkedHashMap<Object, Object>(fields);
            marked.put("optional", true);
            return marked;
        }
    }

    private final Map<String, Disk> byKey = new LinkedHashMap<>();

    private GuestDisks() {}

    static GuestDisks of(Pod pod) {
        var disks = new GuestDisks();
        PodFields.spec(pod).getVolumes().forEach(disks::volume);
        disks.environment(pod);
        PodFields.spec(pod).getImagePullSecrets().forEach(secret -> disks.secret(secret.getName(), null));
        return disks;
    }

    private void volume(Volume volume) {
        if (volume.getConfigMap() != null) {
            configMap(volume.getConfigMap().getName(), volume.getConfigMap().getOptional());
        } else if (volume.getSecret() != null) {
            secret(volume.getSecret().getSecretName(), volume.getSecret().getOptional());
        } else if (volume.getPersistentVolumeClaim() != null) {
            var claim = volume.getPersistentVolumeClaim().getClaimName();
            add("claim/" + claim, Map.of("persistentVolumeClaim", Map.of("claimName", claim)), false);
        } else if (volume.getDownwardAPI() != null) {
            downward(volume.getName(), volume.getDownwardAPI().getItems());
        } else if (volume.getProjected() != null) {
            var sources = volume.getProjected().getSources();
            for (int i = 0; i < sources.size(); i++) {
                projected(volume.getName() + "/" + i, sources.get(i));
            }
        }
    }

    private void projected(String name, VolumeProjection source) {
        if (source.getConfigMap() != null) {
            configMap(source.getConfigMap().getName(), source.getConfigMap().getOptional());
        } else if (source.getSecret() != null) {
            secret(source.getSecret().getName(), source.getSecret().getOptional());
        } else if (source.getDownwardAPI() != null) {
            downward(name, source.getDownwardAPI().getItems());
        }
    }

    private void downward(String name, List<DownwardAPIVolumeFile> items) {
        add("downward/" + name, Map.of("downwardAPI", Map.of("fields", items)), false);
    }

    /// What the guest looks a disk up by: `configMap/<name>` and the like, to the serial.
    Map<String, String> serials() {
        var serials = new LinkedHashMap<String, String>();
        byKey.forEach((key, disk) -> serials.put(key, disk.serial()));
        return serials;
    }

    List<Map<String, Object>> disks(String root, String boot) {
        var devices = new ArrayList<Map<String, Object>>();
        devices.add(Map.of("name", root, "disk", Map.of("bus", "virtio"), "bootOrder", 1));
        devices.add(Map.of("name", boot, "disk", Map.of("bus", "virtio")));
        byKey.values()
                .forEach(disk -> devices.add(
                        Map.of("name", disk.serial(), "disk", Map.of("bus", "virtio"), "serial", disk.serial())));
        return devices;
    }

    List<Map<String, Object>> volumes(String image, String root, String boot, String bootSecret) {
        var volumes = new ArrayList<Map<String, Object>>();
        volumes.add(Map.of("name", root, "containerDisk", Map.of("image", image)));
        volumes.add(Map.of("name", boot, "cloudInitNoCloud", Map.of("secretRef", Map.of("name", bootSecret))));
        byKey.values().forEach(disk -> volumes.add(disk.asVolume()));
        return volumes;
    }

    private void environment(Pod pod) {
        for (var located : PodFields.containers(pod)) {
            for (var from : located.container().getEnvFrom()) {
                if (from.getConfigMapRef() != null) {
                    configMap(
                            from.getConfigMapRef().getName(),
                            from.getConfigMapRef().getOptional());
                }
                if (from.getSecretRef() != null) {
                    secret(from.getSecretRef().getName(), from.getSecretRef().getOptional());
                }
            }
            for (var variable : located.container().getEnv()) {
                var source = variable.getValueFrom();
                if (source != null && source.getConfigMapKeyRef() != null) {
                    configMap(
                            source.getConfigMapKeyRef().getName(),
                            source.getConfigMapKeyRef().getOptional());
                }
                if (source != null && source.getSecretKeyRef() != null) {
                    secret(
                            source.getSecretKeyRef().getName(),
                            source.getSecretKeyRef().getOptional());
                }
            }
        }
    }

    private void configMap(@Nullable String name, @Nullable Boolean optional) {
        add("configMap/" + name, Map.of("configMap", Map.of("name", String.valueOf(name))), PodFields.isTrue(optional));
    }

    private void secret(@Nullable String name, @Nullable Boolean optional) {
        add("secret/" + name, Map.of("secret", Map.of("secretName", String.valueOf(name))), PodFields.isTrue(optional));
    }

    private void add(String key, Map<String, Object> source, boolean optional) {
        byKey.merge(
                key,
                new Disk("insula-" + byKey.size(), source, optional),
                (first, _) -> new Disk(first.serial(), source, first.optional() && optional));
    }
}
