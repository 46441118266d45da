package io.insula.tenantapi.kinds;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.re2j.Pattern;
import io.insula.rules.resources.Quantity;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.registry.Names;
import io.insula.tenantapi.view.ContainerView;
import io.insula.tenantapi.view.ContainerView.Kind;
import io.insula.tenantapi.view.PodSpecView;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What a PodSpec must look like, in a pod or in a template. Expects defaults to be filled.
/// Source: kubernetes `ValidatePodSpec`.
public final class PodRules {

    private static final Pattern ENV_NAME = Pattern.compile("[ -<>-~]+");
    private static final Pattern EXTENDED = Pattern.compile("[^/]+/[^/]+");
    private static final Set<String> PLAIN_RESOURCES = Set.of("cpu", "memory", "ephemeral-storage", "storage");

    private PodRules() {}

    public static List<FieldError> validate(JsonNode spec, String path) {
        return validate(spec, path, Set.of());
    }

    /// @param outside names of volumes that whoever makes the pod adds to it, such as a stateful set's claims
    public static List<FieldError> validate(JsonNode spec, String path, Set<String> outside) {
        var checks = new Checks();
        var pod = new PodSpecView(spec);
        if (pod.count(Kind.ORDINARY) == 0) {
            checks.add(FieldError.required(path + ".containers", ""));
        }
        Set<String> volumes = volumes(checks, spec, path);
        volumes.addAll(outside);
        var names = new HashSet<String>();
        for (ContainerView container : pod.containers()) {
            container(checks, container.tree(), container.path(path), names, volumes);
        }
        initProbes(checks, pod, path);
        checks.oneOf(spec, path, "restartPolicy", "Always", "OnFailure", "Never");
        checks.oneOf(spec, path, "dnsPolicy", "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None");
        if (spec.path("dnsPolicy").asText().equals("None")
                && spec.path("dnsConfig").path("nameservers").isEmpty()) {
            checks.add(FieldError.required(
                    path + ".dnsConfig.nameservers",
                    "must provide at least one DNS nameserver when `dnsPolicy` is None"));
        }
        scheduling(checks, spec, path);
        PodSecurityRules.pod(checks, spec, path);
        JsonNode deadline = spec.path("activeDeadlineSeconds");
        if (deadline.isNumber() && (deadline.asLong() < 1 || deadline.asLong() > Integer.MAX_VALUE)) {
            checks.add(FieldError.invalid(
                    path + ".activeDeadlineSeconds", deadline.asLong(), "must be between 1 and 2147483647, inclusive"));
        }
        checks.notNegative(spec, path, "terminationGracePeriodSeconds");
        optionalName(checks, spec, path, "hostname", false);
        optionalName(checks, spec, path, "subdomain", false);
        optionalName(checks, spec, path, "nodeName", true);
        optionalName(checks, spec, path, "serviceAccountName", true);
        optionalName(checks, spec, path, "priorityClassName", true);
        optionalName(checks, spec, path, "runtimeClassName", true);
        return checks.errors();
    }

    private static void optionalName(Checks checks, JsonNode spec, String path, String field, boolean subdomain) {
        if (!spec.path(field).asText("").isEmpty()) {
            checks.name(
                    spec.path(field).asText(),
                    path + "." + field,
                    subdomain ? Names::dns1123Subdomain : Names::dns1123Label);
        }
    }

    private static Set<String> volumes(Checks checks, JsonNode spec, String path) {
        var names = new HashSet<String>();
        int i = 0;
        for (JsonNode volume : new PodSpecView(spec).volumes()) {
            String at = path + ".volumes[" + i++ + "]";
            String name = volume.path("name").asText("");
            checks.name(name, at + ".name", Names::dns1123Label);
            if (!names.add(name)) {
                checks.add(FieldError.duplicate(at + ".name", name));
            }
            if (volume.size() > 2) {
                checks.add(FieldError.forbidden(at, "may not specify more than 1 volume type"));
            }
            source(checks, volume, at);
            PodPaths.volume(checks, volume, at);
        }
        return names;
    }

    private static void source(Checks checks, JsonNode volume, String at) {
        if (volume.has("secret")) {
            checks.required(volume.path("secret"), at + ".secret", "secretName");
        }
        if (volume.has("configMap")) {
            checks.required(volume.path("configMap"), at + ".configMap", "name");
        }
        if (volume.has("persistentVolumeClaim")) {
            checks.required(volume.path("persistentVolumeClaim"), at + ".persistentVolumeClaim", "claimName");
        }
        if (volume.has("hostPath")) {
            checks.required(volume.path("hostPath"), at + ".hostPath", "path");
        }
    }

    private static void container(
            Checks checks, JsonNode container, String at, Set<String> names, Set<String> volumes) {
        String name = container.path("name").asText("");
        checks.name(name, at + ".name", Names::dns1123Label);
        if (!name.isEmpty() && !names.add(name)) {
            checks.add(FieldError.duplicate(at + ".name", name));
        }
        PodSecurityRules.container(checks, container, at);
        String image = container.path("image").asText("");
        if (image.isEmpty()) {
            checks.add(FieldError.required(at + ".image", ""));
        } else if (!image.strip().equals(image)) {
            checks.add(FieldError.invalid(at + ".image", image, "must not have leading or trailing whitespace"));
        }
        checks.oneOf(container, at, "imagePullPolicy", "Always", "IfNotPresent", "Never");
        checks.oneOf(container, at, "terminationMessagePolicy", "File", "FallbackToLogsOnError");
        ports(checks, container, at);
        env(checks, container, at);
        mounts(checks, container, at, volumes);
        devices(checks, container, at, volumes);
        resources(checks, container.path("resources"), at + ".resources");
        for (String probe : List.of("livenessProbe", "readinessProbe", "startupProbe")) {
            if (container.path(probe).isObject()) {
                probe(checks, container.path(probe), at + "." + probe, !probe.equals("readinessProbe"));
            }
        }
    }

    private static void ports(Checks checks, JsonNode container, String at) {
        var names = new HashSet<String>();
        int i = 0;
        for (JsonNode port : container.path("ports")) {
            String path = at + ".ports[" + i++ + "]";
            if (!port.hasNonNull("containerPort")) {
                checks.add(FieldError.required(path + ".containerPort", ""));
            }
            checks.port(port.path("containerPort"), path + ".containerPort");
            if (port.path("hostPort").asInt() != 0) {
                checks.port(port.path("hostPort"), path + ".hostPort");
            }
            checks.oneOf(port, path, "protocol", "TCP", "UDP", "SCTP");
            String name = port.path("name").asText("");
            if (!name.isEmpty() && !names.add(name)) {
                checks.add(FieldError.duplicate(path + ".name", name));
            }
        }
    }

    private static void env(Checks checks, JsonNode container, String at) {
        int i = 0;
        for (JsonNode variable : container.path("env")) {
            String path = at + ".env[" + i++ + "]";
            String name = variable.path("name").asText("");
            if (name.isEmpty()) {
                checks.add(FieldError.required(path + ".name", ""));
            } else if (!ENV_NAME.matcher(name).matches()) {
                checks.add(FieldError.invalid(
                        path + ".name",
                        name,
                        "a valid environment variable name must consist only of printable ASCII characters other than"
                                + " '='"));
            }
            if (!variable.path("valueFrom").isEmpty()
                    && !variable.path("value").asText("").isEmpty()) {
                checks.add(
                        FieldError.invalid(path + ".valueFrom", "", "may not be specified when `value` is not empty"));
            }
        }
    }

    private static void mounts(Checks checks, JsonNode container, String at, Set<String> volumes) {
        var paths = new HashSet<String>();
        int i = 0;
        for (JsonNode mount : container.path("volumeMounts")) {
            String path = at + ".volumeMounts[" + i++ + "]";
            String name = mount.path("name").asText("");
            if (name.isEmpty()) {
                checks.add(FieldError.required(path + ".name", ""));
            } else if (!volumes.contains(name)) {
                checks.add(FieldError.notFound(path + ".name", name));
            }
            String where = mount.path("mountPath").asText("");
            if (where.isEmpty()) {
                checks.add(FieldError.required(path + ".mountPath", ""));
            } else if (!paths.add(where)) {
                checks.add(FieldError.invalid(path + ".mountPath", where, "must be unique"));
            }
            PodPaths.mount(checks, mount, path);
            if (!mount.path("subPath").asText("").isEmpty()
                    && !mount.path("subPathExpr").asText("").isEmpty()) {
                checks.add(FieldError.invalid(
                        path + ".subPathExpr",
                        mount.path("subPathExpr").asText(),
                        "subPathExpr and subPath are mutually exclusive"));
            }
        }
    }

    private static void devices(Checks checks, JsonNode container, String at, Set<String> volumes) {
        int i = 0;
        for (JsonNode device : container.path("volumeDevices")) {
            String path = at + ".volumeDevices[" + i++ + "]";
            String name = device.path("name").asText("");
            if (name.isEmpty()) {
                checks.add(FieldError.required(path + ".name", ""));
            } else if (!volumes.contains(name)) {
                checks.add(FieldError.notFound(path + ".name", name));
            }
            checks.required(device, path, "devicePath");
        }
    }

    private static void resources(Checks checks, JsonNode resources, String at) {
        for (String list : List.of("limits", "requests")) {
            resources.path(list).properties().forEach(e -> {
                String path = at + "." + list + "[" + e.getKey() + "]";
                if (Quantity.orZero(e.getValue().asText()).value().signum() < 0) {
                    checks.add(FieldError.invalid(path, e.getValue().asText(), Checks.NOT_NEGATIVE));
                }
                if (!PLAIN_RESOURCES.contains(e.getKey())
                        && !e.getKey().startsWith("hugepages-")
                        && !EXTENDED.matcher(e.getKey()).matches()) {
                    checks.add(FieldError.invalid(path, e.getKey(), "must be a standard resource for containers"));
                }
            });
        }
        resources.path("requests").properties().forEach(e -> overLimit(checks, resources, e.getKey(), at));
    }

    private static void overLimit(Checks checks, JsonNode resources, String name, String at) {
        String request = resources.path("requests").path(name).asText();
        String limit = resources.path("limits").path(name).asText("");
        var asked = Quantity.orZero(request);
        var most = Quantity.parse(limit);
        boolean overcommits = PLAIN_RESOURCES.contains(name);
        if (most.isPresent() && asked.compareTo(most.get()) > 0) {
            checks.add(FieldError.invalid(
                    at + ".requests", request, "must be less than or equal to " + name + " limit of " + limit));
        } else if (!overcommits && most.filter(m -> m.compareTo(asked) == 0).isEmpty()) {
            checks.add(
                    most.isEmpty()
                            ? FieldError.required(at + ".limits", "Limit must be set for non overcommitable resources")
                            : FieldError.invalid(
                                    at + ".requests", request, "must be equal to " + name + " limit of " + limit));
        }
    }

    private static void probe(Checks checks, JsonNode probe, String at, boolean successOnce) {
        for (String field : List.of(
                "initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")) {
            checks.notNegative(probe, at, field);
        }
        if (successOnce && probe.path("successThreshold").asInt(1) != 1) {
            checks.add(FieldError.invalid(
                    at + ".successThreshold", probe.path("successThreshold").asInt(), "must be 1"));
        }
        long handlers = List.of("exec", "httpGet", "tcpSocket", "grpc").stream()
                .filter(probe::hasNonNull)
                .count();
        if (handlers == 0) {
            checks.add(FieldError.required(at, "must specify a handler type"));
        } else if (handlers > 1) {
            checks.add(FieldError.forbidden(at, "may not specify more than 1 handler type"));
        }
    }

    private static void initProbes(Checks checks, PodSpecView pod, String path) {
        for (ContainerView container : pod.containers(Kind.INIT)) {
            if (container.isSidecar()) {
                continue;
            }
            for (String field : List.of("lifecycle", "livenessProbe", "readinessProbe", "startupProbe")) {
                if (container.tree().hasNonNull(field)) {
                    checks.add(FieldError.forbidden(
                            container.path(path) + "." + field,
                            "may not be set for init containers without restartPolicy=Always"));
                }
            }
        }
    }

    private static void scheduling(Checks checks, JsonNode spec, String path) {
        checks.labels(spec.path("nodeSelector"), path + ".nodeSelector");
        int i = 0;
        for (JsonNode toleration : new PodSpecView(spec).tolerations()) {
            String at = path + ".tolerations[" + i++ + "]";
            String operator = toleration.path("operator").asText("");
            if (operator.equals("Exists")
                    && !toleration.path("value").asText("").isEmpty()) {
                checks.add(FieldError.invalid(
                        at + ".operator", operator, "value must be empty when `operator` is 'Exists'"));
            }
            if (toleration.path("key").asText("").isEmpty() && !operator.equals("Exists")) {
                checks.add(FieldError.invalid(
                        at + ".operator",
                        operator,
                        "operator must be Exists when `key` is empty, which means"
                                + " \"match all values and all keys\""));
            }
            checks.oneOf(toleration, at, "effect", "NoExecute", "NoSchedule", "PreferNoSchedule", "");
        }
        i = 0;
        for (JsonNode spread : spec.path("topologySpreadConstraints")) {
            String at = path + ".topologySpreadConstraints[" + i++ + "]";
            if (spread.path("maxSkew").asInt() <= 0) {
                checks.add(FieldError.invalid(
                        at + ".maxSkew", spread.path("maxSkew").asInt(), "must be greater than zero"));
            }
            checks.required(spread, at, "topologyKey");
            checks.oneOf(spread, at, "whenUnsatisfiable", "DoNotSchedule", "ScheduleAnyway");
        }
    }
}
