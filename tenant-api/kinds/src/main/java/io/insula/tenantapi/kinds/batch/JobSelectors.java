package io.insula.tenantapi.kinds.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.kinds.PodRules;
import io.insula.tenantapi.view.WorkloadView;
import java.util.List;

/// The labels by which a Job knows its pods, and what its pod template may be.
/// Source: kubernetes `pkg/registry/batch/job/strategy.go`.
final class JobSelectors {

    private static final String UID = "batch.kubernetes.io/controller-uid";
    private static final String NAME = "batch.kubernetes.io/job-name";

    private JobSelectors() {}

    /// Unless the client chose a selector itself.
    static void generate(ObjectNode job) {
        ObjectNode spec = Fields.object(job, "spec");
        if (spec.path("manualSelector").asBoolean()) {
            return;
        }
        ObjectNode labels =
                Fields.object(Fields.object(Fields.object(spec, WorkloadView.TEMPLATE), "metadata"), "labels");
        labels.put(UID, Meta.uid(job)).put("controller-uid", Meta.uid(job));
        labels.put(NAME, Meta.name(job)).put("job-name", Meta.name(job));
        Fields.object(Fields.object(spec, WorkloadView.SELECTOR), "matchLabels").put(UID, Meta.uid(job));
    }

    static List<FieldError> validateTemplate(JsonNode template, String path) {
        var checks = new Checks().addAll(PodRules.validate(template.path("spec"), path + ".spec"));
        String restart = template.path("spec").path("restartPolicy").asText("");
        if (!restart.equals("Never") && !restart.equals("OnFailure")) {
            checks.add(FieldError.required(path + ".spec.restartPolicy", "valid values: \"OnFailure\", \"Never\""));
        }
        return checks.errors();
    }

    /// A suspended Job that never ran may still be steered to other nodes: only scheduling directives may change.
    static boolean mayChangeTemplate(JsonNode wanted, JsonNode current) {
        boolean waiting = current.path("spec").path("suspend").asBoolean()
                && !current.path("status").hasNonNull("startTime");
        JsonNode old = WorkloadView.of(current).podSpec().tree();
        JsonNode pod = WorkloadView.of(wanted).podSpec().tree();
        return waiting
                && Checks.same(
                        Checks.with(pod, old, "nodeSelector", "affinity", "tolerations", "schedulingGates"), old);
    }
}
