package io.insula.node.pod;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarSource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The environment of a container. Stateless.
///
/// Source: Kubernetes, "Define Dependent Environment Variables" (`env` over `envFrom` over services; a value may
/// refer to those before it) and "Accessing the Service" (services' variables).
final class Environment {

    private Environment() {}

    /// @throws PodFault naming what is not there
    static Map<String, String> of(
            Pod pod, Container container, PodSources sources, DownwardFields.Surroundings around) {
        String namespace = pod.getMetadata().getNamespace();
        var env = new LinkedHashMap<String, String>();
        services(pod, sources, env);
        for (EnvFromSource from : container.getEnvFrom()) {
            String prefix = from.getPrefix() == null ? "" : from.getPrefix();
            all(namespace, from, sources).forEach((name, value) -> env.put(prefix + name, value));
        }
        for (EnvVar variable : container.getEnv()) {
            if (variable.getValueFrom() == null) {
                String value = variable.getValue() == null ? "" : variable.getValue();
                env.put(variable.getName(), Expansion.expand(value, env));
            } else {
                value(pod, container, variable.getValueFrom(), sources, around)
                        .ifPresent(value -> env.put(variable.getName(), value));
            }
        }
        return env;
    }

    private static Map<String, String> all(String namespace, EnvFromSource from, PodSources sources) {
        if (from.getConfigMapRef() != null) {
            var reference = from.getConfigMapRef();
            var map = sources.configMap(namespace, reference.getName());
            if (map.isEmpty() && !isTrue(reference.getOptional())) {
                throw PodFault.config("configmap \"" + reference.getName() + "\" not found");
            }
            return map.map(m -> m.getData() == null ? Map.<String, String>of() : m.getData())
                    .orElse(Map.of());
        }
        var reference = from.getSecretRef();
        var secret = sources.secret(namespace, reference.getName());
        if (secret.isEmpty() && !isTrue(reference.getOptional())) {
            throw PodFault.config("secret \"" + reference.getName() + "\" not found");
        }
        return secret.map(Environment::decoded).orElse(Map.of());
    }

    private static Optional<String> value(
            Pod pod, Container container, EnvVarSource source, PodSources sources, DownwardFields.Surroundings around) {
        String namespace = pod.getMetadata().getNamespace();
        if (source.getFieldRef() != null) {
            return Optional.of(DownwardFields.field(pod, source.getFieldRef().getFieldPath(), around));
        }
        if (source.getResourceFieldRef() != null) {
            String name = source.getResourceFieldRef().getContainerName();
            Container of = pod.getSpec().getContainers().stream()
                    .filter(c -> c.getName().equals(name))
                    .findFirst()
                    .orElse(container);
            return Optional.of(DownwardFields.resource(of, source.getResourceFieldRef(), around));
        }
        if (source.getConfigMapKeyRef() != null) {
            var reference = source.getConfigMapKeyRef();
            boolean optional = isTrue(reference.getOptional());
            var map = sources.configMap(namespace, reference.getName());
            if (map.isEmpty()) {
                return missing(optional, "configmap \"" + reference.getName() + "\" not found");
            }
            String value =
                    map.get().getData() == null ? null : map.get().getData().get(reference.getKey());
            return value != null
                    ? Optional.of(value)
                    : missing(
                            optional,
                            "couldn't find key " + reference.getKey() + " in ConfigMap " + namespace + "/"
                                    + reference.getName());
        }
        if (source.getSecretKeyRef() != null) {
            var reference = source.getSecretKeyRef();
            boolean optional = isTrue(reference.getOptional());
            var secret = sources.secret(namespace, reference.getName());
            if (secret.isEmpty()) {
                return missing(optional, "secret \"" + reference.getName() + "\" not found");
            }
            String value = decoded(secret.get()).get(reference.getKey());
            return value != null
                    ? Optional.of(value)
                    : missing(
                            optional,
                            "couldn't find key " + reference.getKey() + " in Secret " + namespace + "/"
                                    + reference.getName());
        }
        throw PodFault.config("a variable has a source of a kind that this node does not know");
    }

    private static Optional<String> missing(boolean optional, String message) {
        if (optional) {
            return Optional.empty();
        }
        throw PodFault.config(message);
    }

    private static Map<String, String> decoded(Secret secret) {
        var data = new LinkedHashMap<String, String>();
        if (secret.getData() != null) {
            secret.getData()
                    .forEach((key, value) ->
                            data.put(key, new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8)));
        }
        return data;
    }

    /// Of the pod's namespace where it wants them, and `kubernetes` always.
    private static void services(Pod pod, PodSources sources, Map<String, String> env) {
        sources.services("default").stream()
                .filter(service -> service.getMetadata().getName().equals("kubernetes"))
                .forEach(service -> variables(service, env));
        if (!Boolean.FALSE.equals(pod.getSpec().getEnableServiceLinks())) {
            sources.services(pod.getMetadata().getNamespace()).forEach(service -> variables(service, env));
        }
    }

    private static void variables(Service service, Map<String, String> env) {
        String address = service.getSpec().getClusterIP();
        List<ServicePort> ports = service.getSpec().getPorts();
        if (address == null || address.isEmpty() || address.equals("None") || ports.isEmpty()) {
            return;
        }
        String name = variable(service.getMetadata().getName());
        env.put(name + "_SERVICE_HOST", address);
        env.put(name + "_SERVICE_PORT", ports.getFirst().getPort().toString());
        for (ServicePort port : ports) {
            if (port.getName() != null && !port.getName().isEmpty()) {
                env.put(
                        name + "_SERVICE_PORT_" + variable(port.getName()),
                        port.getPort().toString());
            }
        }
        for (ServicePort port : ports) {
            String protocol = port.getProtocol() == null ? "TCP" : port.getProtocol();
            String lower = protocol.toLowerCase(Locale.ROOT);
            String prefix = name + "_PORT_" + port.getPort() + "_" + protocol;
            String url = lower + "://" + address + ":" + port.getPort();
            env.putIfAbsent(name + "_PORT", url);
            env.put(prefix, url);
            env.put(prefix + "_PROTO", lower);
            env.put(prefix + "_PORT", port.getPort().toString());
            env.put(prefix + "_ADDR", address);
        }
    }

    private static String variable(String name) {
        return name.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    private static boolean isTrue(@Nullable Boolean value) {
        return Boolean.TRUE.equals(value);
    }
}
