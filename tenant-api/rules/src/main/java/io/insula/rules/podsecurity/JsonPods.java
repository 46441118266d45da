package io.insula.rules.podsecurity;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.rules.podsecurity.PodFacts.Capabilities;
import io.insula.rules.podsecurity.PodFacts.Container;
import io.insula.rules.podsecurity.PodFacts.Field;
import io.insula.rules.podsecurity.PodFacts.SeLinux;
import io.insula.rules.podsecurity.PodFacts.Security;
import io.insula.rules.podsecurity.PodFacts.Volume;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Reads pods and pod templates that are JSON trees. Pure.
public final class JsonPods {

    private JsonPods() {}

    /// @param podOrTemplate with `metadata` and `spec`, either of which may be missing
    public static PodFacts facts(JsonNode podOrTemplate) {
        JsonNode spec = podOrTemplate.path("spec");
        JsonNode context = spec.path("securityContext");
        var annotations = new LinkedHashMap<String, String>();
        podOrTemplate
                .path("metadata")
                .path("annotations")
                .properties()
                .forEach(entry -> annotations.put(entry.getKey(), text(entry.getValue())));
        return new PodFacts(
                annotations,
                text(spec.path("os").path("name")),
                Stream.of("hostNetwork", "hostPID", "hostIPC")
                        .filter(field -> isTrue(spec.path(field)))
                        .toList(),
                isFalse(spec.path("hostUsers")),
                spec.path("volumes").valueStream().map(JsonPods::volume).toList(),
                context.path("sysctls")
                        .valueStream()
                        .map(sysctl -> text(sysctl.path("name")))
                        .toList(),
                security(context),
                containers(spec));
    }

    private static Volume volume(JsonNode volume) {
        return new Volume(
                text(volume.path("name")),
                volume.properties().stream()
                        .filter(entry -> !entry.getValue().isNull())
                        .map(Map.Entry::getKey)
                        .filter(field -> !field.equals("name"))
                        .collect(Collectors.toUnmodifiableSet()));
    }

    private static List<Container> containers(JsonNode spec) {
        var found = new ArrayList<Container>();
        for (var field : List.of("initContainers", "containers", "ephemeralContainers")) {
            int i = 0;
            for (JsonNode container : spec.path(field)) {
                found.add(container("spec." + field + "[" + i++ + "]", container));
            }
        }
        return List.copyOf(found);
    }

    private static Container container(String path, JsonNode container) {
        JsonNode context = container.path("securityContext");
        JsonNode capabilities = context.path("capabilities");
        return new Container(
                path,
                text(container.path("name")),
                security(context),
                isTrue(context.path("privileged")),
                !isFalse(context.path("allowPrivilegeEscalation")),
                new Capabilities(texts(capabilities.path("add")), texts(capabilities.path("drop"))),
                context.hasNonNull("procMount") ? text(context.path("procMount")) : "Default",
                hostPorts(container),
                handlerHosts(container));
    }

    private static List<Field> hostPorts(JsonNode container) {
        var found = new ArrayList<Field>();
        int i = 0;
        for (JsonNode port : container.path("ports")) {
            JsonNode hostPort = port.path("hostPort");
            if (isSaid(hostPort) && !isZero(hostPort)) {
                found.add(new Field("ports[" + i + "].hostPort", hostPort.asText()));
            }
            i++;
        }
        return List.copyOf(found);
    }

    private static List<Field> handlerHosts(JsonNode container) {
        JsonNode lifecycle = container.path("lifecycle");
        var found = new ArrayList<Field>();
        for (var probe : List.of("livenessProbe", "readinessProbe", "startupProbe")) {
            addHosts(found, probe, container.path(probe));
        }
        for (var hook : List.of("postStart", "preStop")) {
            addHosts(found, "lifecycle." + hook, lifecycle.path(hook));
        }
        return List.copyOf(found);
    }

    private static void addHosts(List<Field> found, String path, JsonNode handler) {
        for (var action : List.of("httpGet", "tcpSocket")) {
            String host = text(handler.path(action).path("host"));
            if (!host.isEmpty()) {
                found.add(new Field(path + "." + action + ".host", host));
            }
        }
    }

    private static Security security(JsonNode context) {
        return new Security(
                type(context.path("seccompProfile")),
                type(context.path("appArmorProfile")),
                seLinux(context.path("seLinuxOptions")),
                isTrue(context.path("windowsOptions").path("hostProcess")),
                flag(context.path("runAsNonRoot")),
                isSaid(context.path("runAsUser")) && isZeroOrUnreadable(context.path("runAsUser")));
    }

    private static @Nullable String type(JsonNode profile) {
        return isSaid(profile) ? text(profile.path("type")) : null;
    }

    private static @Nullable SeLinux seLinux(JsonNode options) {
        return isSaid(options)
                ? new SeLinux(text(options.path("type")), text(options.path("user")), text(options.path("role")))
                : null;
    }

    /// What is neither true nor false is not the true that is asked for.
    private static @Nullable Boolean flag(JsonNode node) {
        return isSaid(node) ? Boolean.valueOf(node.isBoolean() && node.booleanValue()) : null;
    }

    private static List<String> texts(JsonNode list) {
        return list.valueStream().map(JsonPods::text).toList();
    }

    private static String text(JsonNode node) {
        return isSaid(node) ? (node.isValueNode() ? node.asText() : node.toString()) : "";
    }

    private static boolean isSaid(JsonNode node) {
        return !node.isMissingNode() && !node.isNull();
    }

    /// Also what is there and no boolean.
    private static boolean isTrue(JsonNode node) {
        return isSaid(node) && !isFalse(node);
    }

    private static boolean isFalse(JsonNode node) {
        return node.isBoolean() && !node.booleanValue();
    }

    private static boolean isZero(JsonNode node) {
        return node.isIntegralNumber() && node.bigIntegerValue().signum() == 0;
    }

    private static boolean isZeroOrUnreadable(JsonNode node) {
        return !node.isIntegralNumber() || isZero(node);
    }
}
