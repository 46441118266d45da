package io.insula.node.pod;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Service;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// What pods refer to, as a test has put it in.
public final class FakeSources implements PodSources {

    private final Map<String, ConfigMap> maps = new HashMap<>();
    private final Map<String, Secret> secrets = new HashMap<>();
    private final Map<String, PersistentVolumeClaim> claims = new HashMap<>();
    private final Map<String, PersistentVolume> volumes = new HashMap<>();
    private final List<Service> services = new ArrayList<>();

    public FakeSources configMap(String name, Map<String, String> data) {
        maps.put(name, new ConfigMapBuilder().withData(data).build());
        return this;
    }

    public FakeSources secret(String name, Map<String, String> data) {
        Map<String, String> encoded = data.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        e -> Base64.getEncoder().encodeToString(e.getValue().getBytes(StandardCharsets.UTF_8))));
        secrets.put(name, new SecretBuilder().withData(encoded).build());
        return this;
    }

    public FakeSources service(Service service) {
        services.add(service);
        return this;
    }

    @Override
    public Optional<ConfigMap> configMap(String namespace, String name) {
        return Optional.ofNullable(maps.get(name));
    }

    @Override
    public Optional<Secret> secret(String namespace, String name) {
        return Optional.ofNullable(secrets.get(name));
    }

    public FakeSources claim(PersistentVolumeClaim claim) {
        claims.put(claim.getMetadata().getName(), claim);
        return this;
    }

    public FakeSources volume(PersistentVolume volume) {
        volumes.put(volume.getMetadata().getName(), volume);
        return this;
    }

    @Override
    public Optional<PersistentVolumeClaim> claim(String namespace, String name) {
        return Optional.ofNullable(claims.get(name));
    }

    @Override
    public Optional<PersistentVolume> volume(String name) {
        return Optional.ofNullable(volumes.get(name));
    }

    @Override
    public List<Service> services(String namespace) {
        return services.stream()
                .filter(service -> service.getMetadata().getNamespace().equals(namespace))
                .toList();
    }

    @Override
    public String token(Pod pod, List<String> audiences, long seconds) {
        return "token of " + pod.getMetadata().getName() + " for " + audiences + " and " + seconds + " s";
    }
}
