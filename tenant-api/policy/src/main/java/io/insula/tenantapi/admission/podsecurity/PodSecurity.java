package io.insula.tenantapi.admission.podsecurity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.registry.AdmissionPlugin;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Refuses pods that the level of their namespace does not allow, and warns of workloads that would make such pods. One
/// instance per server, as it carries the server's [PodSecurityDefaults].
///
/// Source: Kubernetes documentation, "Pod Security Admission"; kubernetes/pod-security-admission (texts).
public final class PodSecurity implements AdmissionPlugin.Validating {

    private static final GroupVersionResource NAMESPACES = new GroupVersionResource("", "v1", "namespaces");
    private static final GroupVersionResource PODS = new GroupVersionResource("", "v1", "pods");
    private static final String LABEL = "pod-security.kubernetes.io/";
    private static final Pattern VERSION = Pattern.compile("latest|v1\\.(0|[1-9][0-9]*)");
    private static final Set<String> WORKLOADS = Set.of(
            "replicationcontrollers",
            "podtemplates",
            "deployments.apps",
            "replicasets.apps",
            "statefulsets.apps",
            "daemonsets.apps",
            "jobs.batch",
            "cronjobs.batch");

    private final PodSecurityDefaults defaults;

    public PodSecurity(PodSecurityDefaults defaults) {
        this.defaults = defaults;
    }

    @Override
    public PluginSpec spec() {
        return new PluginSpec("PodSecurity", 80, Set.of(Operation.CREATE, Operation.UPDATE));
    }

    @Override
    public void validate(Request request) {
        ObjectNode object = request.object();
        if (object == null) {
            return;
        }
        String resource = request.resource().qualified();
        if (resource.equals("namespaces") && request.subresource().isEmpty()) {
            checkNamespace(request, object);
        } else if (resource.equals("pods") && isJudged(request)) {
            checkPod(request, object);
        } else if (WORKLOADS.contains(resource) && request.subresource().isEmpty()) {
            warn(request, template(resource, object), warnLevel(request));
        }
    }

    /// What an update may change of a pod's main resource is no matter of security.
    private static boolean isJudged(Request request) {
        return request.subresource().isEmpty()
                ? request.operation() == Operation.CREATE
                : request.subresource().equals("ephemeralcontainers");
    }

    private void checkPod(Request request, JsonNode pod) {
        Map<String, String> labels = namespaceLabels(request);
        PodSecurityLevel level = enforced(labels);
        List<String> violations = judge(level, pod);
        if (!violations.isEmpty()) {
            String name = Meta.name(pod).isEmpty()
                    ? pod.path("metadata").path("generateName").asText("")
                    : Meta.name(pod);
            throw ApiException.forbidden(
                    request.resource(),
                    name,
                    "violates PodSecurity \"" + level.label() + ":" + version(labels, "enforce", level) + "\": "
                            + String.join(", ", violations));
        }
        warn(request, pod, warnLevel(request));
    }

    private static void warn(Request request, JsonNode podOrTemplate, PodSecurityLevel level) {
        List<String> violations = judge(level, podOrTemplate);
        if (!violations.isEmpty()) {
            request.warnings()
                    .add("would violate PodSecurity \"" + level.label() + ":latest\": "
                            + String.join(", ", violations));
        }
    }

    private void checkNamespace(Request request, ObjectNode namespace) {
        var errors = new ArrayList<FieldError>();
        Meta.labels(namespace).forEach((key, value) -> {
            if (key.startsWith(LABEL)) {
                checkLabel(key, value).ifPresent(errors::add);
            }
        });
        ObjectNode old = request.oldObject();
        boolean labelsChanged = old == null || !Meta.labels(old).equals(Meta.labels(namespace));
        if (!errors.isEmpty() && labelsChanged) {
            throw ApiException.invalid(request.kind(), Meta.name(namespace), errors);
        }
        PodSecurityLevel level = enforced(Meta.labels(namespace));
        if (old != null && level.compareTo(enforced(Meta.labels(old))) > 0) {
            warnOfExisting(request, Meta.name(namespace), level);
        }
    }

    private static Optional<FieldError> checkLabel(String key, String value) {
        String mode = key.substring(LABEL.length());
        String field = "metadata.labels[" + key + "]";
        return switch (mode) {
            case "enforce", "audit", "warn" ->
                PodSecurityLevel.of(value).isPresent()
                        ? Optional.empty()
                        : Optional.of(
                                FieldError.invalid(field, value, "must be one of privileged, baseline, restricted"));
            case "enforce-version", "audit-version", "warn-version" ->
                VERSION.matcher(value).matches()
                        ? Optional.empty()
                        : Optional.of(FieldError.invalid(field, value, "must be \"latest\" or \"v1.x\""));
            default -> Optional.empty();
        };
    }

    private static void warnOfExisting(Request request, String namespace, PodSecurityLevel level) {
        List<String> bad = request.client().list(PODS, namespace, ObjectClient.Query.ALL).items().stream()
                .filter(pod -> !judge(level, pod).isEmpty())
                .map(pod -> Meta.name(pod) + ": " + String.join(", ", reasons(level, pod)))
                .toList();
        if (!bad.isEmpty()) {
            request.warnings()
                    .add("existing pods in namespace \"" + namespace + "\" violate the new PodSecurity enforce level \""
                            + level.label() + ":latest\"");
            request.warnings().addAll(bad);
        }
    }

    private static List<String> reasons(PodSecurityLevel level, JsonNode pod) {
        return judge(level, pod).stream()
                .map(text -> text.contains(" (") ? text.substring(0, text.indexOf(" (")) : text)
                .toList();
    }

    private static List<String> judge(PodSecurityLevel level, JsonNode pod) {
        return PodSecurityStandards.violations(level, pod.path("metadata"), pod.path("spec"));
    }

    private static JsonNode template(String resource, JsonNode object) {
        return switch (resource) {
            case "podtemplates" -> object.path("template");
            case "cronjobs.batch" ->
                object.path("spec").path("jobTemplate").path("spec").path("template");
            default -> object.path("spec").path("template");
        };
    }

    /// A label that names no level is taken for the strictest, as it may have come by another way than this server.
    private PodSecurityLevel enforced(Map<String, String> labels) {
        String label = labels.getOrDefault(LABEL + "enforce", "");
        PodSecurityLevel wanted = label.isEmpty()
                ? defaults.enforce()
                : PodSecurityLevel.of(label).orElse(PodSecurityLevel.RESTRICTED);
        return wanted.stricter(defaults.floor());
    }

    private static PodSecurityLevel warnLevel(Request request) {
        return PodSecurityLevel.of(namespaceLabels(request).getOrDefault(LABEL + "warn", ""))
                .orElse(PodSecurityLevel.PRIVILEGED);
    }

    private static String version(Map<String, String> labels, String mode, PodSecurityLevel level) {
        return labels.getOrDefault(LABEL + mode, "").equals(level.label())
                ? labels.getOrDefault(LABEL + mode + "-version", "latest")
                : "latest";
    }

    private static Map<String, String> namespaceLabels(Request request) {
        return request.client()
                .recent()
                .get(NAMESPACES, "", request.namespace())
                .map(Meta::labels)
                .orElse(Map.of());
    }
}
