package io.insula.tenantapi.kinds;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.selector.LabelSelector;
import io.insula.tenantapi.view.WorkloadView;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What all workloads with a selector and a pod template share. Source: kubernetes `pkg/apis/apps/validation`.
final class WorkloadRules {

    private static final String SELECTOR = "spec.selector";
    private static final String TEMPLATE = "spec.template";

    private WorkloadRules() {}

    /// A selector that is there, is not empty and matches the template; a valid template whose pods restart always.
    /// @param volumes names of volumes that the pods get besides the template's
    static List<FieldError> validate(JsonNode object, Set<String> volumes) {
        var checks = new Checks();
        WorkloadView workload = WorkloadView.of(object);
        JsonNode spec = workload.spec();
        checks.notNegative(spec, "spec", "replicas");
        checks.notNegative(spec, "spec", "minReadySeconds");
        checks.notNegative(spec, "spec", "revisionHistoryLimit");
        checks.notNegative(spec, "spec", "progressDeadlineSeconds");
        selector(checks, workload);
        JsonNode pod = workload.podSpec().tree();
        checks.addAll(PodRules.validate(pod, TEMPLATE + ".spec", volumes));
        String restart = pod.path("restartPolicy").asText("Always");
        if (!restart.equals("Always")) {
            checks.add(FieldError.notSupported(TEMPLATE + ".spec.restartPolicy", restart, List.of("Always")));
        }
        if (pod.hasNonNull("activeDeadlineSeconds")) {
            checks.add(FieldError.forbidden(
                    TEMPLATE + ".spec.activeDeadlineSeconds", "activeDeadlineSeconds in ReplicaSet is not Supported"));
        }
        return checks.errors();
    }

    private static void selector(Checks checks, WorkloadView workload) {
        JsonNode selector = workload.selector();
        if (selector.isMissingNode() || selector.isNull()) {
            checks.add(FieldError.required(SELECTOR, ""));
            return;
        }
        if (selector.path("matchLabels").isEmpty()
                && selector.path("matchExpressions").isEmpty()) {
            checks.add(FieldError.invalid(SELECTOR, selector, "empty selector is invalid for deployment"));
            return;
        }
        var before = new Checks().labelSelector(selector, SELECTOR);
        checks.addAll(before.errors());
        JsonNode labels = workload.templateLabels();
        checks.labels(labels, TEMPLATE + ".metadata.labels");
        Map<String, String> given = Fields.map(labels);
        if (before.isEmpty() && !LabelSelector.of(selector).matches(given)) {
            checks.add(FieldError.invalid(
                    TEMPLATE + ".metadata.labels",
                    labels.isObject() ? labels : "null",
                    "`selector` does not match template `labels`"));
        }
    }
}
