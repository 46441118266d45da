package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The disks that carry API content and claims into the guest: one per distinct ConfigMap, Secret, claim or downward
/// API volume that the pod's volumes or environment name. The guest finds each by its serial.
///
/// Immutable.
final class GuestDisks {

    /// @param source the VirtualMachineInstance volume's source, without its name
    private record Disk(String serial, Map<String, Object> source) {}

    private final Map<String, Disk> byKey = new LinkedHashMap<>();

    private GuestDisks() {}

    static GuestDisks of(Pod pod) {
        var disks = new GuestDisks();
        for (var volume : PodFields.spec(pod).getVolumes()) {
            if (volume.getConfigMap() != null) {
                disks.configMap(volume.getConfigMap().getName());
            } else if (volume.getSecret() != null) {
                disks.secret(volume.getSecret().getSecretName());
            } else if (volume.getPersistentVolumeClaim() != null) {
                var claim = volume.getPersistentVolumeClaim().getClaimName();
                disks.add("claim/" + claim, Map.of("persistentVolumeClaim", Map.of("claimName", claim)));
            } else if (volume.getDownwardAPI() != null) {
                disks.add(
                        "downward/" + volume.getName(),
                        Map.of(
                                "downwardAPI",
                                Map.of("fields", volume.getDownwardAPI().getItems())));
            } else if (volume.getProjected() != null) {
                for (var source : volume.getProjected().getSources()) {
                    if (source.getConfigMap() != null) {
                        disks.configMap(source.getConfigMap().getName());
                    } else if (source.getSecret() != null) {
                        disks.secret(source.getSecret().getName());
                    } else if (source.getDownwardAPI() != null) {
                        disks.add(
                                "downward/" + volume.getName(),
                                Map.of(
                                        "downwardAPI",
                                        Map.of("fields", source.getDownwardAPI().getItems())));
                    }
                }
            }
        }
        disks.environment(pod);
        PodFields.spec(pod).getImagePullSecrets().forEach(secret -> disks.secret(secret.getName()));
        return disks;
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
        for (var disk : byKey.values()) {
            var volume = new LinkedHashMap<String, Object>();
            volume.put("name", disk.serial());
            volume.putAll(disk.source());
            volumes.add(volume);
        }
        return volumes;
    }

    private void environment(Pod pod) {
        for (var located : PodFields.containers(pod)) {
            for (var from : located.container().getEnvFrom()) {
                if (from.getConfigMapRef() != null) {
                    configMap(from.getConfigMapRef().getName());
                }
                if (from.getSecretRef() != null) {
                    secret(from.getSecretRef().getName());
                }
            }
            for (var variable : located.container().getEnv()) {
                var source = variable.getValueFrom();
                if (source != null && source.getConfigMapKeyRef() != null) {
                    configMap(source.getConfigMapKeyRef().getName());
                }
                if (source != null && source.getSecretKeyRef() != null) {
                    secret(source.getSecretKeyRef().getName());
                }
            }
        }
    }

    private void configMap(@Nullable String name) {
        add("configMap/" + name, Map.of("configMap", Map.of("name", String.valueOf(name))));
    }

    private void secret(@Nullable String name) {
        add("secret/" + name, Map.of("secret", Map.of("secretName", String.valueOf(name))));
    }

    private void add(String key, Map<String, Object> source) {
        byKey.putIfAbsent(key, new Disk("insula-" + byKey.size(), source));
    }
}
