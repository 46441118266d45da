package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.insula.syncer.engine.TenantView;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// The variables by which a pod's containers find Services: always those of the tenant's own API server, and
/// unless `enableServiceLinks` is off those of its namespace. The host's kubelet would name the host's API
/// server instead; what is set here wins over the kubelet's.
///
/// Source: Kubernetes documentation, "Service", "Environment variables"; kubernetes `pkg/kubelet/envvars` and
/// `kubelet_pods.go` (which Services, which names).
///
/// @param apiServer the address of the tenant's `default/kubernetes`
/// @param variables by name
record ServiceEnvironment(String apiServer, Map<String, String> variables) {

    private static final String NAMESPACE = "default";
    private static final String NAME = "kubernetes";

    /// Empty while the tenant's API server has no address yet.
    static Optional<ServiceEnvironment> of(Pod tenant, TenantView view) {
        return view.tenantObject(Kinds.SERVICE, NAMESPACE, NAME)
                .filter(ServiceEnvironment::hasAddress)
                .map(kubernetes -> new ServiceEnvironment(
                        kubernetes.getSpec().getClusterIP(), variables(services(tenant, kubernetes, view))));
    }

    /// Before the container's own, which may refer to them. Left out are names that it sets itself, also by a ConfigMap
    /// or Secret: those lose against every variable of `env`, but win against a Service's.
    ///
    /// @param sources the container's `envFrom`, with the tenant's names
    List<EnvVar> before(List<EnvVar> own, List<EnvFromSource> sources, String namespace, TenantView view) {
        var taken = own.stream().map(EnvVar::getName).collect(Collectors.toCollection(HashSet::new));
        sources.forEach(source -> taken.addAll(names(source, namespace, view)));
        var all = new ArrayList<EnvVar>();
        variables.forEach((name, value) -> {
            if (!taken.contains(name)) {
                all.add(new EnvVarBuilder().withName(name).withValue(value).build());
            }
        });
        all.addAll(own);
        return all;
    }

    private static List<String> names(EnvFromSource source, String namespace, TenantView view) {
        var keys = new HashSet<String>();
        if (source.getConfigMapRef() != null) {
            view.tenantObject(
                            Kinds.CONFIG_MAP,
                            namespace,
                            source.getConfigMapRef().getName())
                    .map(ConfigMap::getData)
                    .ifPresent(data -> keys.addAll(data.keySet()));
        }
        if (source.getSecretRef() != null) {
            view.tenantObject(Kinds.SECRET, namespace, source.getSecretRef().getName())
                    .map(Secret::getData)
                    .ifPresent(data -> keys.addAll(data.keySet()));
        }
        var prefix = Objects.requireNonNullElse(source.getPrefix(), "");
        return keys.stream().map(key -> prefix + key).toList();
    }

    private static Map<String, Service> services(Pod tenant, Service kubernetes, TenantView view) {
        var found = new TreeMap<String, Service>();
        found.put(NAME, kubernetes);
        if (!Boolean.FALSE.equals(tenant.getSpec().getEnableServiceLinks())) {
            view.tenantObjects(Kinds.SERVICE).stream()
                    .filter(service -> Kinds.namespace(service).equals(Kinds.namespace(tenant)) && hasAddress(service))
                    .forEach(service -> found.put(Kinds.name(service), service));
        }
        return found;
    }

    private static boolean hasAddress(Service service) {
        var address = service.getSpec() == null
                ? ""
                : Objects.requireNonNullElse(service.getSpec().getClusterIP(), "");
        return !address.isEmpty()
                && !address.equals("None")
                && !service.getSpec().getPorts().isEmpty();
    }

    private static Map<String, String> variables(Map<String, Service> services) {
        var variables = new LinkedHashMap<String, String>();
        services.forEach((name, service) -> add(variables, variable(name), service));
        return variables;
    }

    private static void add(Map<String, String> variables, String prefix, Service service) {
        var address = service.getSpec().getClusterIP();
        var ports = service.getSpec().getPorts();
        variables.put(prefix + "_SERVICE_HOST", address);
        variables.put(prefix + "_SERVICE_PORT", String.valueOf(ports.getFirst().getPort()));
        for (var port : ports) {
            if (port.getName() != null && !port.getName().isEmpty()) {
                variables.put(prefix + "_SERVICE_PORT_" + variable(port.getName()), String.valueOf(port.getPort()));
            }
        }
        for (var port : ports) {
            var protocol = Objects.requireNonNullElse(port.getProtocol(), "TCP");
            var lower = protocol.toLowerCase(Locale.ROOT);
            var url = lower + "://" + (address.contains(":") ? "[" + address + "]" : address) + ":" + port.getPort();
            var each = prefix + "_PORT_" + port.getPort() + "_" + protocol.toUpperCase(Locale.ROOT);
            variables.putIfAbsent(prefix + "_PORT", url);
            variables.put(each, url);
            variables.put(each + "_PROTO", lower);
            variables.put(each + "_PORT", String.valueOf(port.getPort()));
            variables.put(each + "_ADDR", address);
        }
    }

    private static String variable(String name) {
        return name.replace('-', '_').toUpperCase(Locale.ROOT);
    }
}
