package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.node.machine.SteadyClock;
import io.insula.node.pod.ImageNames;
import io.insula.node.pod.PodFault;
import io.insula.node.runtime.Images.Image;
import io.insula.node.runtime.Images.RegistryAuth;
import io.insula.node.runtime.RuntimeFailure;
import io.insula.node.runtime.SandboxSpec;
import io.insula.reconcile.Backoff;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Sees to it that the images of one pod are there. Confined to the pod's thread.
final class ImageFetch {

    private static final Backoff PULL_AGAIN = new Backoff(Duration.ofSeconds(10), Duration.ofMinutes(5));

    private final NodeContext node;
    private final Map<String, Failure> failures = new HashMap<>();

    private record Failure(String message, Instant again, int count) {}

    ImageFetch(NodeContext node) {
        this.node = node;
    }

    /// @throws PodFault `InvalidImageName`, `ErrImageNeverPull`, `ErrImagePull` or `ImagePullBackOff`
    Image of(Pod pod, Container container, SandboxSpec sandbox) {
        String name = container.getImage();
        if (!ImageNames.isValid(name)) {
            String message = "Failed to apply default image tag \"" + name + "\": couldn't parse image name \"" + name
                    + "\": invalid reference format";
            node.events().warning(pod, "InspectFailed", message);
            throw new PodFault("InvalidImageName", message);
        }
        String policy = container.getImagePullPolicy() == null ? "IfNotPresent" : container.getImagePullPolicy();
        Optional<Image> there = node.runtime().images().find(name);
        if (there.isPresent() && !policy.equals("Always")) {
            node.events().soon(pod, "Pulled", "Container image \"" + name + "\" already present on machine");
            return there.get();
        }
        if (policy.equals("Never")) {
            String message = "Container image \"" + name + "\" is not present with pull policy of Never";
            node.events().warning(pod, "ErrImageNeverPull", message);
            throw new PodFault("ErrImageNeverPull", message);
        }
        return pull(pod, name, sandbox);
    }

    private Image pull(Pod pod, String name, SandboxSpec sandbox) {
        Failure failure = failures.get(name);
        if (failure != null && SteadyClock.now().isBefore(failure.again())) {
            String message = "Back-off pulling image \"" + name + "\": ErrImagePull: " + failure.message();
            node.events().normal(pod, "BackOff", "Back-off pulling image \"" + name + "\"");
            throw new PodFault("ImagePullBackOff", message);
        }
        node.events().normal(pod, "Pulling", "Pulling image \"" + name + "\"");
        Instant begin = SteadyClock.now();
        try {
            String reference = node.runtime().images().pull(name, auth(pod, name), sandbox);
            failures.remove(name);
            long millis = Duration.between(begin, SteadyClock.now()).toMillis();
            node.events().normal(pod, "Pulled", "Successfully pulled image \"" + name + "\" in " + millis + "ms");
            return node.runtime()
                    .images()
                    .find(reference)
                    .orElseThrow(() -> new PodFault("ErrImagePull", "image " + reference + " is gone again"));
        } catch (RuntimeFailure.Unavailable e) {
            throw e;
        } catch (RuntimeFailure e) {
            String message = "failed to pull image \"" + name + "\": " + e.getMessage();
            int count = failure == null ? 1 : failure.count() + 1;
            failures.put(name, new Failure(message, SteadyClock.now().plus(PULL_AGAIN.after(count)), count));
            node.events().warning(pod, "Failed", "Failed to pull image \"" + name + "\": " + e.getMessage());
            throw new PodFault("ErrImagePull", message);
        }
    }

    /// From the pod's pull secrets, for the image's registry.
    private Optional<RegistryAuth> auth(Pod pod, String image) {
        String registry = registry(image);
        for (LocalObjectReference reference : pod.getSpec().getImagePullSecrets()) {
            var secret = node.sources().secret(pod.getMetadata().getNamespace(), reference.getName());
            String config = secret.map(
                            s -> s.getData() == null ? null : s.getData().get(".dockerconfigjson"))
                    .orElse(null);
            if (config == null) {
                continue;
            }
            Map<?, ?> all = Serialization.unmarshal(
                    new String(Base64.getDecoder().decode(config), StandardCharsets.UTF_8), Map.class);
            if (all.get("auths") instanceof Map<?, ?> auths) {
                for (Map.Entry<?, ?> entry : auths.entrySet()) {
                    String server = String.valueOf(entry.getKey())
                            .replaceFirst("^https?://", "")
                            .replaceFirst("/.*$", "");
                    boolean hub = registry.equals("docker.io") && server.equals("index.docker.io");
                    if ((hub || server.equals(registry)) && entry.getValue() instanceof Map<?, ?> given) {
                        return Optional.of(credentials(given, server));
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static RegistryAuth credentials(Map<?, ?> given, String server) {
        if (given.get("auth") instanceof String both) {
            String[] parts = new String(Base64.getDecoder().decode(both), StandardCharsets.UTF_8).split(":", 2);
            return new RegistryAuth(parts[0], parts.length > 1 ? parts[1] : "", server, "");
        }
        return new RegistryAuth(
                String.valueOf(given.get("username")), String.valueOf(given.get("password")), server, "");
    }

    private static String registry(String image) {
        int slash = image.indexOf('/');
        String first = slash < 0 ? "" : image.substring(0, slash);
        return first.contains(".") || first.contains(":") || first.equals("localhost") ? first : "docker.io";
    }
}
