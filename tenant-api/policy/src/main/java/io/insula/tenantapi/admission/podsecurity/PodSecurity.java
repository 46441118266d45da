package io.insula.tenantapi.admission.podsecurity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.podsecurity.PodSecurityLevel;
import io.insula.rules.podsecurity.PodSecurityVersion;
import io.insula.rules.podsecurity.Violation;
import io.insula.tenantapi.admission.podsecurity.NamespacePolicy.Asked;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.registry.AdmissionPlugin;
import io.insula.tenantapi.view.WorkloadView;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Refuses pods that the level of their namespace does not allow, and warns of workloads that would make such pods.
///
/// Source: Kubernetes documentation, "Pod Security Admission"; kubernetes/pod-security-admission (texts).
@Singleton
final class PodSecurity implements AdmissionPlugin.Validating {

    private static final GroupVersionResource NAMESPACES = new GroupVersionResource("", "v1", "namespaces");
    private static final GroupVersionResource PODS = new GroupVersionResource("", "v1", "pods");
    private static final Set<String> WORKLOADS = Set.of(
            "replicationcontrollers",
            "podtemplates",
            "deployments.apps",
            "replicasets.apps",
            "statefulsets.apps",
            "daemonsets.apps",
            "jobs.batch",
            "cronjobs.batch");

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
            warn(request, template(resource, object), policy(request).warn());
        }
    }

    /// What an update may change of a pod's main resource is no matter of security.
    private static boolean isJudged(Request request) {
        return request.subresource().isEmpty()
                ? request.operation() == Operation.CREATE
                : request.subresource().equals("ephemeralcontainers");
    }

    private void checkPod(Request request, JsonNode pod) {
        var policy = policy(request);
        refuse(request, pod, policy.enforce());
        warn(request, pod, policy.warn());
    }

    private static void refuse(Request request, JsonNode pod, Asked asked) {
        var violations = asked.violations(pod);
        if (!violations.isEmpty()) {
            String name = Meta.name(pod).isEmpty()
                    ? pod.path("metadata").path("generateName").asText("")
                    : Meta.name(pod);
            throw ApiException.forbidden(
                    request.resource(), name, "violates PodSecurity \"" + asked + "\": " + texts(violations));
        }
    }

    private static void warn(Request request, JsonNode podOrTemplate, Asked asked) {
        var violations = asked.violations(podOrTemplate);
        if (!violations.isEmpty()) {
            request.warnings().add("would violate PodSecurity \"" + asked + "\": " + texts(violations));
        }
    }

    private static String texts(List<Violation> violations) {
        return violations.stream().map(Violation::toString).collect(Collectors.joining(", "));
    }

    private void checkNamespace(Request request, ObjectNode namespace) {
        var errors = new ArrayList<FieldError>();
        Meta.labels(namespace).forEach((key, value) -> {
            if (key.startsWith(NamespacePolicy.LABEL)) {
                checkLabel(key, value).ifPresent(errors::add);
            }
        });
        ObjectNode old = request.oldObject();
        boolean labelsChanged = old == null || !Meta.labels(old).equals(Meta.labels(namespace));
        if (!errors.isEmpty() && labelsChanged) {
            throw ApiException.invalid(request.kind(), Meta.name(namespace), errors);
        }
        if (old != null) {
            var wanted = NamespacePolicy.of(Meta.labels(namespace)).enforce();
            var current = NamespacePolicy.of(Meta.labels(old)).enforce();
            boolean loosened =
                    wanted.version().equals(current.version()) && wanted.level().compareTo(current.level()) <= 0;
            if (!loosened) {
                warnOfExisting(request, Meta.name(namespace), wanted);
            }
        }
    }

    private static Optional<FieldError> checkLabel(String key, String value) {
        String mode = key.substring(NamespacePolicy.LABEL.length());
        String field = "metadata.labels[" + key + "]";
        return switch (mode) {
            case "enforce", "audit", "warn" ->
                PodSecurityLevel.of(value).isPresent()
                        ? Optional.empty()
                        : Optional.of(
                                FieldError.invalid(field, value, "must be one of privileged, baseline, restricted"));
            case "enforce-version", "audit-version", "warn-version" ->
                PodSecurityVersion.of(value).isPresent()
                        ? Optional.empty()
                        : Optional.of(FieldError.invalid(field, value, "must be \"latest\" or \"v1.x\""));
            default -> Optional.empty();
        };
    }

    /// Pods that break the same rules share a warning, which names the first of them.
    private static void warnOfExisting(Request request, String namespace, Asked asked) {
        var podsByReasons = new TreeMap<String, List<String>>();
        for (JsonNode pod :
                request.client().list(PODS, namespace, ObjectClient.Query.ALL).items()) {
            String reasons =
                    asked.violations(pod).stream().map(Violation::reason).collect(Collectors.joining(", "));
            if (!reasons.isEmpty()) {
                podsByReasons.computeIfAbsent(reasons, _ -> new ArrayList<>()).add(Meta.name(pod));
            }
        }
        if (podsByReasons.isEmpty()) {
            return;
        }
        request.warnings()
                .add("existing pods in namespace \"" + namespace + "\" violate the new PodSecurity enforce level \""
                        + asked + "\"");
        podsByReasons.entrySet().stream()
                .map(entry -> pods(entry.getValue()) + ": " + entry.getKey())
                .sorted()
                .forEach(request.warnings()::add);
    }

    private static String pods(List<String> names) {
        String first = Collections.min(names);
        return switch (names.size()) {
            case 1 -> first;
            case 2 -> first + " (and 1 other pod)";
            default -> first + " (and " + (names.size() - 1) + " other pods)";
        };
    }

    private static JsonNode template(String resource, JsonNode object) {
        return switch (resource) {
            case "podtemplates" -> object.path(WorkloadView.TEMPLATE);
            case "cronjobs.batch" -> WorkloadView.of(object).jobTemplate().template();
            default -> WorkloadView.of(object).template();
        };
    }

    private static NamespacePolicy policy(Request request) {
        return NamespacePolicy.of(namespaceLabels(request));
    }

    private static Map<String, String> namespaceLabels(Request request) {
        return request.client()
                .recent()
                .get(NAMESPACES, "", request.namespace())
                .map(Meta::labels)
                .orElse(Map.of());
    }
}
