package io.insula.node.volumes;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.DownwardAPIVolumeFile;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.ServiceAccountTokenProjection;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.insula.node.pod.DownwardFields;
import io.insula.node.pod.DownwardFields.Surroundings;
import io.insula.node.pod.PodFault;
import io.insula.node.pod.PodSources;
import io.insula.node.volumes.AtomicFolder.Content;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The files of volumes that are made of objects: ConfigMaps, Secrets, the pod itself, tokens. Stateless; `sources`
/// are asked.
///
/// Source: Kubernetes, "Projected Volumes", "ConfigMap", "Secret" (keys, modes, optional).
final class Projection {

    private static final int DEFAULT_MODE = 0644;
    private static final long DEFAULT_TOKEN_SECONDS = 3600;

    private final Pod pod;
    private final PodSources sources;
    private final Surroundings around;
    private final Map<String, Content> files = new TreeMap<>();

    private Projection(Pod pod, PodSources sources, Surroundings around) {
        this.pod = pod;
        this.sources = sources;
        this.around = around;
    }

    /// Whether `volume` is one of these.
    static boolean isFor(Volume volume) {
        return volume.getConfigMap() != null
                || volume.getSecret() != null
                || volume.getDownwardAPI() != null
                || volume.getProjected() != null;
    }

    /// @throws VolumeFault naming what is not there
    static Map<String, Content> files(Pod pod, Volume volume, PodSources sources, Surroundings around) {
        var projection = new Projection(pod, sources, around);
        try {
            projection.add(volume);
        } catch (PodFault e) {
            throw new VolumeFault(e.message(), e);
        }
        return projection.files;
    }

    private void add(Volume volume) {
        if (volume.getConfigMap() != null) {
            var source = volume.getConfigMap();
            configMap(source.getName(), source.getItems(), source.getOptional(), mode(source.getDefaultMode()));
        } else if (volume.getSecret() != null) {
            var source = volume.getSecret();
            secret(source.getSecretName(), source.getItems(), source.getOptional(), mode(source.getDefaultMode()));
        } else if (volume.getDownwardAPI() != null) {
            downward(
                    volume.getDownwardAPI().getItems(),
                    mode(volume.getDownwardAPI().getDefaultMode()));
        } else {
            int mode = mode(volume.getProjected().getDefaultMode());
            for (VolumeProjection part : volume.getProjected().getSources()) {
                add(part, mode);
            }
        }
    }

    private void add(VolumeProjection part, int mode) {
        if (part.getConfigMap() != null) {
            var source = part.getConfigMap();
            configMap(source.getName(), source.getItems(), source.getOptional(), mode);
        } else if (part.getSecret() != null) {
            var source = part.getSecret();
            secret(source.getName(), source.getItems(), source.getOptional(), mode);
        } else if (part.getDownwardAPI() != null) {
            downward(part.getDownwardAPI().getItems(), mode);
        } else if (part.getServiceAccountToken() != null) {
            token(part.getServiceAccountToken(), mode);
        } else {
            throw new VolumeFault("a projected source is of a kind that this node does not serve");
        }
    }

    private void configMap(String name, List<KeyToPath> items, @Nullable Boolean optional, int mode) {
        var found = sources.configMap(pod.getMetadata().getNamespace(), name);
        if (found.isEmpty() && !Boolean.TRUE.equals(optional)) {
            throw new VolumeFault("configmap \"" + name + "\" not found");
        }
        put(found.map(Projection::data).orElse(Map.of()), items, optional, mode, "configmap");
    }

    private void secret(String name, List<KeyToPath> items, @Nullable Boolean optional, int mode) {
        var found = sources.secret(pod.getMetadata().getNamespace(), name);
        if (found.isEmpty() && !Boolean.TRUE.equals(optional)) {
            throw new VolumeFault("secret \"" + name + "\" not found");
        }
        put(found.map(Projection::data).orElse(Map.of()), items, optional, mode, "secret");
    }

    private void put(
            Map<String, byte[]> data, List<KeyToPath> items, @Nullable Boolean optional, int mode, String kind) {
        if (items.isEmpty()) {
            data.forEach((key, bytes) -> files.put(key, new Content(bytes, mode)));
            return;
        }
        for (KeyToPath item : items) {
            byte[] bytes = data.get(item.getKey());
            if (bytes != null) {
                files.put(item.getPath(), new Content(bytes, item.getMode() == null ? mode : item.getMode()));
            } else if (!Boolean.TRUE.equals(optional)) {
                throw new VolumeFault(kind + " references non-existent " + kind + " key: " + item.getKey());
            }
        }
    }

    private void downward(List<DownwardAPIVolumeFile> items, int mode) {
        for (DownwardAPIVolumeFile item : items) {
            String value;
            if (item.getFieldRef() != null) {
                value = DownwardFields.field(pod, item.getFieldRef().getFieldPath(), around);
            } else {
                String name = item.getResourceFieldRef().getContainerName();
                var container = pod.getSpec().getContainers().stream()
                        .filter(c -> c.getName().equals(name))
                        .findFirst()
                        .orElseThrow(() -> new VolumeFault("container " + name + " not found"));
                value = DownwardFields.resource(container, item.getResourceFieldRef(), around);
            }
            files.put(item.getPath(), new Content(utf8(value), item.getMode() == null ? mode : item.getMode()));
        }
    }

    private void token(ServiceAccountTokenProjection source, int mode) {
        List<String> audiences =
                source.getAudience() == null || source.getAudience().isEmpty()
                        ? List.of()
                        : List.of(source.getAudience());
        long seconds = source.getExpirationSeconds() == null ? DEFAULT_TOKEN_SECONDS : source.getExpirationSeconds();
        files.put(source.getPath(), new Content(utf8(sources.token(pod, audiences, seconds)), mode));
    }

    private static Map<String, byte[]> data(ConfigMap map) {
        var data = new HashMap<String, byte[]>();
        if (map.getData() != null) {
            map.getData().forEach((key, value) -> data.put(key, utf8(value)));
        }
        if (map.getBinaryData() != null) {
            map.getBinaryData()
                    .forEach((key, value) -> data.put(key, Base64.getDecoder().decode(value)));
        }
        return data;
    }

    private static Map<String, byte[]> data(Secret secret) {
        var data = new HashMap<String, byte[]>();
        if (secret.getData() != null) {
            secret.getData()
                    .forEach((key, value) -> data.put(key, Base64.getDecoder().decode(value)));
        }
        return data;
    }

    private static int mode(@Nullable Integer mode) {
        return mode == null ? DEFAULT_MODE : mode;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
