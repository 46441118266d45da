package io.insula.tenantapi.kinds;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.view.ContainerView;
import io.insula.tenantapi.view.PodSpecView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What [PodWarnings] has to say of containers. Confined to one call.
final class ContainerWarnings {

    private final JsonNode pod;
    private final PodSpecView spec;
    private final String path;
    private final List<String> told = new ArrayList<>();
    private final Map<String, List<Port>> ports = new HashMap<>();

    private record Port(String field, String hostIp, long hostPort) {}

    ContainerWarnings(JsonNode pod, PodSpecView spec, String path) {
        this.pod = pod;
        this.spec = spec;
        this.path = path;
    }

    List<String> all() {
        spec.containers().forEach(each -> {
            String at = PodWarnings.pathOf(each, path);
            annotations(each);
            for (String amounts : List.of("limits", "requests")) {
                JsonNode there = amounts.equals("limits") ? each.limits() : each.requests();
                for (String resource : List.of("memory", "ephemeral-storage")) {
                    PodWarnings.fraction(there, at + ".resources." + amounts, resource)
                            .ifPresent(told::add);
                }
            }
            environment(each, at);
        });
        spec.containers().forEach(each -> ports(each, PodWarnings.pathOf(each, path)));
        return told;
    }

    private void annotations(ContainerView container) {
        JsonNode annotations = pod.path("metadata").path("annotations");
        JsonNode context = container.tree().path("securityContext");
        String prefix = path.isEmpty() ? "" : path + ".";
        if (annotations.has(WellKnownKeys.SECCOMP_PREFIX + container.name()) && !context.hasNonNull("seccompProfile")) {
            told.add(prefix + "metadata.annotations[" + WellKnownKeys.SECCOMP_PREFIX + container.name()
                    + "]: non-functional in v1.27+; use the \"seccompProfile\" field instead");
        }
        // a pod's own is carried over to the field
        boolean asField = context.hasNonNull("appArmorProfile")
                || spec.tree().path("securityContext").hasNonNull("appArmorProfile");
        if (!path.isEmpty() && !asField && annotations.has(WellKnownKeys.APP_ARMOR_PREFIX + container.name())) {
            told.add(prefix + "metadata.annotations[" + WellKnownKeys.APP_ARMOR_PREFIX + container.name()
                    + "]: deprecated since v1.30; use the \"appArmorProfile\" field instead");
        }
    }

    /// A second definition is meant where it builds on the first.
    private void environment(ContainerView container, String at) {
        Set<String> seen = new HashSet<>();
        JsonNode all = container.tree().path("env");
        for (int i = 0; i < all.size(); i++) {
            JsonNode variable = all.path(i);
            String name = variable.path("name").asText("");
            String reference = "$(" + name + ")";
            String value = variable.path("value").asText("");
            boolean builds = !variable.hasNonNull("valueFrom") && !value.equals(reference) && value.contains(reference);
            if (!seen.add(name) && !builds) {
                told.add(at + ".env[" + i + "]: hides previous definition of \"" + name
                        + "\", which may be dropped when using apply");
            }
        }
    }

    private void ports(ContainerView container, String at) {
        JsonNode all = container.ports();
        for (int i = 0; i < all.size(); i++) {
            JsonNode port = all.path(i);
            String field = at + ".ports[" + i + "]";
            String protocol = port.path("protocol").asText("TCP");
            var here = new Port(
                    field, port.path("hostIP").asText(""), port.path("hostPort").asLong(0));
            if (!here.hostIp().isEmpty() && here.hostPort() == 0) {
                told.add(field + ": hostIP set without hostPort: {Name:"
                        + port.path("name").asText("")
                        + " HostPort:0 ContainerPort:"
                        + port.path("containerPort").asLong(0) + " Protocol:" + protocol
                        + " HostIP:" + here.hostIp() + "}");
            }
            var others = ports.computeIfAbsent(
                    port.path("containerPort").asLong(0) + "/" + protocol, _ -> new ArrayList<>());
            others.forEach(other -> compare(here, other));
            others.add(here);
        }
    }

    private void compare(Port here, Port other) {
        if (here.hostIp().equals(other.hostIp()) && here.hostPort() == other.hostPort()) {
            told.add(here.field() + ": duplicate port definition with " + other.field());
        } else if (here.hostPort() == 0 || other.hostPort() == 0) {
            told.add(here.field() + ": overlapping port definition with " + other.field());
        } else if (here.hostPort() == other.hostPort()
                && here.hostIp().isEmpty() != other.hostIp().isEmpty()) {
            told.add(here.field() + ": dangerously ambiguous port definition with " + other.field());
        }
    }
}
