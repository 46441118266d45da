package io.insula.tenantapi.kinds.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.kinds.PodTemplates;
import io.insula.tenantapi.kinds.PodWarnings;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.view.WorkloadView;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

@Singleton
final class JobKind implements StoredKind {

    private static final KindSpec SPEC = KindSpec.namespaced("batch", "v1", "Job", "jobs")
            .categories("all")
            .withStatus()
            .withGeneration();

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public void applyDefaults(ObjectNode object) {
        PodTemplates.applyDefaults(object);
        ObjectNode spec = Fields.object(object, "spec");
        if (Fields.isUnset(spec, "completions") && Fields.isUnset(spec, "parallelism")) {
            spec.put("completions", 1);
        }
        Fields.defaultTo(spec, "parallelism", 1);
        Fields.defaultTo(spec, "backoffLimit", spec.hasNonNull("backoffLimitPerIndex") ? Integer.MAX_VALUE : 6);
        Fields.defaultText(spec, "completionMode", "NonIndexed");
        Fields.defaultTo(spec, "suspend", false);
        Fields.defaultTo(spec, "manualSelector", false);
        Fields.defaultText(
                spec, "podReplacementPolicy", spec.has("podFailurePolicy") ? "Failed" : "TerminatingOrFailed");
    }

    @Override
    public void prepareForCreate(ObjectNode object, WriteContext context) {
        JobSelectors.generate(object);
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        JsonNode spec = object.path("spec");
        var checks = new Checks();
        for (String field : List.of(
                "parallelism", "completions", "backoffLimit", "activeDeadlineSeconds", "ttlSecondsAfterFinished")) {
            checks.notNegative(spec, "spec", field);
        }
        if (!WorkloadView.of(object).selector().isObject()) {
            checks.add(FieldError.required("spec.selector", ""));
        }
        checks.oneOf(spec, "spec", "completionMode", "Indexed", "NonIndexed");
        if (spec.path("completionMode").asText().equals("Indexed") && Fields.isUnset(spec, "completions")) {
            checks.add(FieldError.required("spec.completions", "when completion mode is Indexed"));
        }
        return checks.addAll(
                        JobSelectors.validateTemplate(WorkloadView.of(object).template(), "spec.template"))
                .errors();
    }

    @Override
    public List<String> warnings(JsonNode object, @Nullable JsonNode old) {
        return PodWarnings.ofTemplate(object, old, "spec.template");
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        if (!context.subresource().isEmpty()) {
            return List.of();
        }
        var checks = new Checks().addAll(validateCreate(wanted, context)).immutable(wanted, current, "spec.selector");
        checks.immutable(wanted, current, "spec.completionMode").immutable(wanted, current, "spec.managedBy");
        boolean elastic = wanted.path("spec").path("completionMode").asText().equals("Indexed")
                && wanted.path("spec")
                        .path("completions")
                        .equals(wanted.path("spec").path("parallelism"));
        if (!elastic) {
            checks.immutable(wanted, current, "spec.completions");
        }
        if (!JobSelectors.mayChangeTemplate(wanted, current)) {
            checks.immutable(wanted, current, "spec.template");
        }
        return checks.errors();
    }

    @Override
    public boolean orphansByDefault() {
        return true;
    }

    @Override
    public List<String> selectableFieldNames() {
        return List.of("status.successful");
    }

    @Override
    public Map<String, String> selectableFields(JsonNode object) {
        return Map.of(
                "status.successful",
                Long.toString(object.path("status").path("succeeded").asLong()));
    }

    @Override
    public List<Column> columns() {
        return Printers.workload(
                Printers.NAME,
                Column.of("Status", (o, now) -> status(o)),
                Column.of("Completions", (o, now) -> completions(o)),
                Column.of("Duration", (o, now) -> duration(o, now)),
                Printers.AGE);
    }

    static String status(JsonNode job) {
        for (String type : List.of("Complete", "Failed")) {
            if (Condition.isTrue(job, type)) {
                return type;
            }
        }
        if (Meta.isBeingDeleted(job)) {
            return "Terminating";
        }
        for (String type : List.of("Suspended", "FailureTarget", "SuccessCriteriaMet")) {
            if (Condition.isTrue(job, type)) {
                return type;
            }
        }
        return "Running";
    }

    static String completions(JsonNode job) {
        long succeeded = job.path("status").path("succeeded").asLong();
        JsonNode wanted = job.path("spec").path("completions");
        if (wanted.isNumber()) {
            return succeeded + "/" + wanted.asLong();
        }
        long parallelism = job.path("spec").path("parallelism").asLong();
        return parallelism > 1 ? succeeded + "/1 of " + parallelism : succeeded + "/1";
    }

    private static String duration(JsonNode job, Instant now) {
        String start = job.path("status").path("startTime").asText("");
        if (start.isEmpty()) {
            return "";
        }
        String end = job.path("status").path("completionTime").asText("");
        return Printers.age(start, end.isEmpty() ? now : Instant.parse(end));
    }
}
